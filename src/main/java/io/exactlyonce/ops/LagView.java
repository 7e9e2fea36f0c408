package io.exactlyonce.ops;

import io.exactlyonce.lag.GroupLag;
import io.exactlyonce.lag.LagState;
import io.exactlyonce.lag.PartitionLag;
import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pipeline's lag as the last check found it.
 *
 * @param cannotMeasure what could not be measured and why; empty where all could
 * @param since when that began; null where all could be measured
 * @param partitions those that are not OK, or held back; so many at the most
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
   * @param seconds of the oldest record that is not committed
   * @param transactionalId of what holds it back
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
