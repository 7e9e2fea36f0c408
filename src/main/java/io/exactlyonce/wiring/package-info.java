/**
 * Puts a pipeline together: reads the application's properties, makes the clients, finds handlers
 * and codecs, starts and stops.
 *
 * <p>{@link io.exactlyonce.wiring.PipelineBuilder} does so without Micronaut, for applications that
 * have the engine as a jar.
 *
 * <p>With its sub-packages the only place that knows Micronaut's beans and the engine both, and
 * with {@code guard.redis} the only one that knows the Redis client. Does not belong here: anything
 * that happens while a record is on its way; how JSON is read ({@code wiring.json}), who listens at
 * an address ({@code wiring.peer}), and what follows from the lag ({@code wiring.watch}).
 */
@NullMarked
package io.exactlyonce.wiring;

import org.jspecify.annotations.NullMarked;
