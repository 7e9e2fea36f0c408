/**
 * Traces by OpenTelemetry: the spans of records, of requests to the application's own routes, and
 * of what those requests send to Kafka. Off unless {@code tracing.enabled} is true.
 *
 * <p>The only package that uses OpenTelemetry; the engine has the interface {@code
 * engine.spi.Tracing}. A failure of tracing is logged, and affects neither records nor requests.
 */
@NullMarked
package io.exactlyonce.wiring.tracing;

import org.jspecify.annotations.NullMarked;
