package io.exactlyonce.lag;

import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Lag of a group on one partition.
 *
 * @param owner client id of the member that owns it; empty where it has no owner, null where that
 *     is not known, as while the group rebalances
 * @param records offsets from the committed one to the last stable one. Markers of transactions and
 *     aborted records count, since they cannot be told apart without being read
 * @param heldBack offsets from the last stable one to the high watermark, which no read_committed
 *     reader sees yet; not part of {@code records}
 * @param open the transaction that holds them back; null where there is none or it is not known
 * @param committed the group's last decided offset; -1 where it has none
 * @param lost records below the log's beginning: they cannot be processed any more, and are no lag
 */
public record PartitionLag(
    TopicPartition partition,
    LagState state,
    @Nullable String owner,
    long records,
    LagSeconds seconds,
    Trend trend,
    long heldBack,
    @Nullable OpenTransaction open,
    long lost,
    long committed) {
  /** By how long the transaction that holds records back is past its time-out, in seconds. */
  public double overdueSeconds() {
    return heldBack > 0 && open != null ? open.overdueMillis() / 1e3 : 0;
  }
}
