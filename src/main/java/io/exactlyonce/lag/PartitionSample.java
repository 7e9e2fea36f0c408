package io.exactlyonce.lag;

import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * What one check found out about one partition.
 *
 * @param millis when, by this process' clock
 * @param topicId of the topic that has the name now; another id begins another history
 * @param begin the first offset that is still in the log
 * @param stable the last stable offset: up to here a read_committed reader can read
 * @param end the high watermark
 * @param committed the group's last decided offset; {@link #NONE} where it has none
 * @param owner the client id of the member that owns it; empty where nobody does, null where that
 *     cannot be told: the group rebalances
 * @param oldest the oldest record that is not committed; null where nobody knows it
 * @param open what holds back the last stable offset; null where nothing does or it is not known
 */
record PartitionSample(
    long millis,
    Uuid topicId,
    long begin,
    long stable,
    long end,
    long committed,
    @Nullable String owner,
    @Nullable RecordTime oldest,
    @Nullable OpenTransaction open) {
  static final long NONE = -1;

  /** Where the group reads on: without an offset, or behind the log's beginning, there. */
  long from() {
    return Math.max(begin, committed);
  }

  long records() {
    return Math.max(0, stable - from());
  }

  long heldBack() {
    return Math.max(0, end - stable);
  }

  /** Records that are gone from the log without having been processed. */
  long lost() {
    return committed == NONE ? 0 : Math.max(0, begin - committed);
  }

  /** Whether the timestamp may be believed: not of a committed record, absent or in the future. */
  boolean isOldestUsable() {
    return oldest != null
        && oldest.offset() >= from()
        && oldest.timestamp() >= 0
        && oldest.timestamp() <= millis;
  }

  PartitionSample withOldest(RecordTime known) {
    return new PartitionSample(millis, topicId, begin, stable, end, committed, owner, known, open);
  }

  PartitionSample withOpen(@Nullable OpenTransaction holding) {
    return new PartitionSample(
        millis, topicId, begin, stable, end, committed, owner, oldest, holding);
  }
}
