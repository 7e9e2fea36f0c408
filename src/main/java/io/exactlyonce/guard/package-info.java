/**
 * Claims on event ids, and the contracts between the engine and the store that keeps them.
 *
 * <p>A claim is a log position. The first record that claims an event id has its position stored; a
 * record of that id at any other position is a duplicate. Belongs here: the contracts ({@link
 * io.exactlyonce.guard.Guard}, {@link io.exactlyonce.guard.ClaimLog}, {@link
 * io.exactlyonce.guard.EffectStore}), what they take and throw, and the position by which a record
 * of a retry topic or a replayed one claims. Does not belong here: Redis, which is {@code
 * guard.redis}, and reading Kafka's topics, which is {@code guard.claimlog}.
 */
@NullMarked
package io.exactlyonce.guard;

import org.jspecify.annotations.NullMarked;
