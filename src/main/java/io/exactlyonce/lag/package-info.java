/**
 * Lag of a pipeline's group, measured from outside of its workers: records and seconds by
 * partition, the transactions that hold a partition back, and the trend.
 *
 * <p>A worker that is dead, stalled or in another process must not take its own lag with it, so all
 * values come from the brokers. What a worker of this process holds makes a value more exact and is
 * never needed. Belongs here: the requests to the cluster, the history of their answers, and the
 * conclusions from both. Does not belong here: thresholds, and what is done about a lag ({@code
 * alert}, {@code scaling}).
 */
@NullMarked
package io.exactlyonce.lag;

import org.jspecify.annotations.NullMarked;
