package io.exactlyonce.engine.status;

import java.util.Map;

/**
 * How much a worker holds, and where it reads.
 *
 * @param transactionRecords what its next transaction takes at most
 * @param read by partition, the offset of the record that it reads next; partitions of which it is
 *     not known yet are absent
 */
public record WorkerHold(InFlight inFlight, int transactionRecords, Map<String, Long> read) {
  static final WorkerHold NONE = new WorkerHold(InFlight.NONE, 0, Map.of());
}
