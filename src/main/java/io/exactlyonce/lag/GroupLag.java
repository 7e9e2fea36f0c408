package io.exactlyonce.lag;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The lag of a group at one check.
 *
 * @param at when it was measured
 * @param partitions those that could be measured, in the order of their names
 * @param cannotMeasure what could not be measured and why; empty where all could
 * @param since when that began; null where all could be measured
 */
public record GroupLag(
    String pipeline,
    String group,
    Instant at,
    List<PartitionLag> partitions,
    String cannotMeasure,
    @Nullable Instant since) {

  public boolean isMeasured() {
    return cannotMeasure.isEmpty();
  }

  public long records() {
    return partitions.stream().mapToLong(PartitionLag::records).sum();
  }

  /** Lag in seconds of the partition that is furthest behind; 0 without partitions. */
  public double seconds() {
    return partitions.stream().mapToDouble(lag -> lag.seconds().value()).max().orElse(0);
  }

  public long heldBack() {
    return partitions.stream().mapToLong(PartitionLag::heldBack).sum();
  }

  /**
   * By how long the most overdue transaction that holds records back is past its time-out, in
   * seconds; 0 where none is.
   */
  public double overdueSeconds() {
    return partitions.stream().mapToDouble(PartitionLag::overdueSeconds).max().orElse(0);
  }

  public long lost() {
    return partitions.stream().mapToLong(PartitionLag::lost).sum();
  }
}
