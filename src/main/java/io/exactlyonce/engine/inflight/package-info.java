/**
 * The records between poll and commit: a track for each partition, the records of each poll, their
 * results.
 *
 * <p>This is the state that intake, handling and transaction share. Each class says which thread
 * may touch it; a track belongs to its worker's thread alone, and results are passed from handler
 * threads to the worker by a signal. Does not belong here: decisions. The packages that use this
 * one decide what to read, handle or commit next.
 */
@NullMarked
package io.exactlyonce.engine.inflight;

import org.jspecify.annotations.NullMarked;
