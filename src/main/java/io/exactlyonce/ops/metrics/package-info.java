/**
 * Metrics for Prometheus: a meter for each row of the manual's table.
 *
 * <p>Belongs here: reading counters, timers and clients at a scrape. Does not belong here:
 * counting, which the engine does.
 */
@NullMarked
package io.exactlyonce.ops.metrics;

import org.jspecify.annotations.NullMarked;
