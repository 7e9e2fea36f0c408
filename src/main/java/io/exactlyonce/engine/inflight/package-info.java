/**
 * The records between poll and commit: a track for each partition, the records of each poll, their
 * results.
 *
 * <p>This is the state that intake, handling and transaction share. Each class says which thread
 * may touch it; a track is its worker's alone, and results are passed from handler threads to the
 * worker by a signal. Does not belong here: decisions. What to read, handle or commit next is
 * decided in the rooms that use this one.
 */
@NullMarked
package io.exactlyonce.engine.inflight;

import org.jspecify.annotations.NullMarked;
