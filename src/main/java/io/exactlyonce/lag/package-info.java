/**
 * How far a pipeline's group is behind, measured from outside of its workers: records and seconds
 * by partition, what holds a partition back, where it is heading.
 *
 * <p>A worker that is dead, stalled or in another process must not take its own lag with it, so
 * everything here comes from the brokers; what a worker of this process knows makes a value more
 * exact and is never needed. Belongs here: the questions to the cluster, the history of their
 * answers, what follows from both. Does not belong here: thresholds and what is done about a lag.
 */
@NullMarked
package io.exactlyonce.lag;

import org.jspecify.annotations.NullMarked;
