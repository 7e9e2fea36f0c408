package io.exactlyonce.engine.status;

import java.util.Map;

/**
 * How much a worker holds, and where it reads.
 *
 * @param transactionRecords how many records its next transaction takes at most
 * @param read offset of the next record to read, by {@code topic-partition}; partitions whose
 *     position is not known yet are absent
 */
public record WorkerHold(InFlight inFlight, int transactionRecords, Map<String, Long> read) {
  static final WorkerHold NONE = new WorkerHold(InFlight.NONE, 0, Map.of());
}
