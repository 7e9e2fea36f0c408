/**
 * Assembly of pipelines: reads the application's properties, makes the clients, finds handlers and
 * codecs, starts and stops.
 *
 * <p>{@link io.exactlyonce.wiring.PipelineBuilder} does so without Micronaut, for applications that
 * use the engine as a jar.
 *
 * <p>With its sub-packages the only place that makes the engine's parts from Micronaut's beans, and
 * with {@code guard.redis} the only one that uses the Redis client. Does not belong here: anything
 * that happens while a record is processed; how JSON is read ({@code wiring.json}), which service
 * listens at an address ({@code wiring.peer}), and what follows from the lag ({@code
 * wiring.watch}).
 */
@NullMarked
package io.exactlyonce.wiring;

import org.jspecify.annotations.NullMarked;
