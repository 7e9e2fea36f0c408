package io.exactlyonce.ops;

import io.exactlyonce.lag.GroupLag;
import io.exactlyonce.lag.LagState;
import io.exactlyonce.lag.PartitionLag;
import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lag of a pipeline at the last check.
 *
 * @param at when it was measured
 * @param records offsets between the group's committed ones and the last stable ones, in all
 *     partitions
 * @param seconds lag of the partition that is furthest behind
 * @param heldBack offsets from the last stable ones on, which open transactions hold back; not part
 *     of {@code records}
 * @param lost records that were deleted before the group processed them
 * @param cannotMeasure what could not be measured and why; empty where all could
 * @param since when that began; null where all could be measured
 * @param partitions those that are not OK, or are held back; at most 50
 */
@Serdeable
record LagView(
    Instant at,
    long records,
    double seconds,
    long heldBack,
    long lost,
    String cannotMeasure,
    @Nullable Instant since,
    List<Partition> partitions) {
  private static final int MAX_PARTITIONS = 50;

  /**
   * Lag of a partition.
   *
   * @param owner client id of its owner; empty where it has none, null while that is not known
   * @param seconds age of the oldest record that is not committed
   * @param transactionalId of the open transaction that holds it back; empty where no coordinator
   *     lists it, null where there is none or it is not known
   * @param committed the group's last decided offset; -1 where it has none
   */
  @Serdeable
  record Partition(
      String partition,
      String state,
      @Nullable String owner,
      long records,
      double seconds,
      long heldBack,
      @Nullable String transactionalId,
      long lost,
      long committed) {}

  static LagView of(GroupLag lag) {
    return new LagView(
        lag.at(),
        lag.records(),
        lag.seconds(),
        lag.heldBack(),
        lag.lost(),
        lag.cannotMeasure(),
        lag.since(),
        lag.partitions().stream()
            .filter(part -> part.state() != LagState.OK || part.heldBack() > 0)
            .limit(MAX_PARTITIONS)
            .map(LagView::of)
            .toList());
  }

  private static Partition of(PartitionLag part) {
    return new Partition(
        part.partition().toString(),
        part.state().name(),
        part.owner(),
        part.records(),
        part.seconds().value(),
        part.heldBack(),
        part.open() == null ? null : part.open().transactionalId(),
        part.lost(),
        part.committed());
  }
}
