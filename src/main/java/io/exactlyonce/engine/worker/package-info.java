/**
 * A worker: one consumer with its transactions, on one thread that owns both.
 *
 * <p>Belongs here: the turns of that thread (poll, take in, send, commit), the rebalance callbacks,
 * finding where partitions go on, draining before partitions are let go, and recovery after a
 * failed transaction. Everything here is called on the worker's thread unless its documentation
 * says otherwise. Does not belong here: what happens to a single record, and when a worker is
 * started again, which the supervisor decides.
 */
@NullMarked
package io.exactlyonce.engine.worker;

import org.jspecify.annotations.NullMarked;
