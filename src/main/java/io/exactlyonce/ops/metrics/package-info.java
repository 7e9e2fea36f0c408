/**
 * What is exported to Prometheus: a meter for each row of the manual's table.
 *
 * <p>Belongs here: reading counters, timers and clients when somebody scrapes. Does not belong
 * here: counting, which the engine does.
 */
@NullMarked
package io.exactlyonce.ops.metrics;

import org.jspecify.annotations.NullMarked;
