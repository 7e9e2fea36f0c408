package io.exactlyonce.lag;

import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * Measurements of one partition at one check.
 *
 * @param millis time of the check by this process's clock, in ms since the epoch
 * @param topicId of the topic that has the name now; another id begins another history
 * @param begin the first offset that is still in the log
 * @param stable the last stable offset: up to here a read_committed reader can read
 * @param end the high watermark
 * @param committed the group's last decided offset; {@link #NONE} where it has none
 * @param owner client id of the member that owns it; empty where it has no owner, null where that
 *     is not known, as while the group rebalances
 * @param oldest the oldest record that is not committed; null where it is not known
 * @param open the transaction that holds back the last stable offset; null where there is none or
 *     it is not known
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

  /**
   * The offset at which the group reads on; the log's beginning where it has none or a lower one.
   */
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

  /**
   * Whether the oldest record's timestamp is usable: the record is not committed, and the timestamp
   * neither absent nor in the future.
   */
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
