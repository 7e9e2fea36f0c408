package io.exactlyonce.engine.worker;

import io.exactlyonce.engine.group.GroupMembership;
import io.exactlyonce.engine.inflight.Signal;
import io.exactlyonce.engine.inflight.Tracks;
import io.exactlyonce.engine.intake.InFlightBudget;
import io.exactlyonce.engine.transaction.TransactionSize;

/**
 * State that a worker has before it has clients, and keeps until it ends.
 *
 * @param signal raised where its thread has something to do
 * @param tracks its partitions, and their records in flight
 * @param budget bounds of records and bytes in flight
 * @param size how many records a transaction takes
 * @param board its state, for any thread to read
 */
record WorkerMemory(
    String id,
    Signal signal,
    Tracks tracks,
    InFlightBudget budget,
    TransactionSize size,
    StatusBoard board,
    GroupMembership membership) {

  static WorkerMemory of(WorkerParts worker, int number) {
    PipelineParts parts = worker.pipeline();
    String id = parts.config().workerId(number);
    Tracks tracks = worker.tracks();
    return new WorkerMemory(
        id,
        new Signal(),
        tracks,
        new InFlightBudget(parts.config().bounds(), parts.config().pollRecords()),
        new TransactionSize(parts.config().commits()),
        new StatusBoard(id, tracks),
        new GroupMembership(parts.config(), parts.clients(), number));
  }
}
