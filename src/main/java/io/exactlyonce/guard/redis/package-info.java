/**
 * Keeps claims and results of effects in Redis: its connections, keys and scripts, and the rebuild
 * of claims that Redis lost.
 *
 * <p>Redis is a cache of what Kafka's topics prove. What it cannot be trusted with is judged here
 * (another server's memory, eviction, silence), and the claims are then filled again from a {@link
 * io.exactlyonce.guard.ClaimLog}. This package, the wiring and no other know the Redis client. Does
 * not belong here: what Kafka's topics hold.
 */
@NullMarked
package io.exactlyonce.guard.redis;

import org.jspecify.annotations.NullMarked;
