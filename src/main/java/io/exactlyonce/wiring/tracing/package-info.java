/**
 * Traces by OpenTelemetry: the spans of records, of requests to the application's own routes, and
 * of what those requests send to Kafka. Off unless {@code tracing.enabled} is true.
 *
 * <p>The only package that knows OpenTelemetry; the engine knows the interface {@code
 * engine.spi.Tracing}. Whatever goes wrong here is logged now and then, and costs a record or a
 * request nothing.
 */
@NullMarked
package io.exactlyonce.wiring.tracing;

import org.jspecify.annotations.NullMarked;
