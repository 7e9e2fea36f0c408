package io.exactlyonce.alert;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.alert.AlertState.Found;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.engine.status.PipelineCounters;
import io.exactlyonce.engine.status.PipelineStatus;
import io.exactlyonce.engine.status.WorkerStatus;
import io.exactlyonce.lag.GroupLag;
import io.exactlyonce.lag.LagState;
import io.exactlyonce.lag.OpenTransaction;
import io.exactlyonce.lag.PartitionLag;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the alerts of one pipeline whose condition holds, by what a check has read. It remembers
 * counters for ten minutes, and that of rebalances for an hour. One thread calls it.
 */
final class Conditions {
  /** Time within which a lag has to be gone so that no operator is needed. */
  private static final Duration SOON = Duration.ofMinutes(10);

  private static final Duration TEN_MINUTES = Duration.ofMinutes(10);
  private static final Duration HOUR = Duration.ofHours(1);

  private final PipelineConfig.Alerts limits;
  private final Growth deadLetters = new Growth(TEN_MINUTES);
  private final Growth aborts = new Growth(TEN_MINUTES);
  private final Growth rebalances = new Growth(HOUR);
  private final Growth unguarded = new Growth(TEN_MINUTES);
  private final Growth lost = new Growth(TEN_MINUTES);

  Conditions(PipelineConfig.Alerts limits) {
    this.limits = limits;
  }

  /** The condition of each kind of alert. */
  Map<AlertKind, Condition> of(Reading reading) {
    GroupLag lag = reading.lag();
    Map<AlertKind, Condition> all = new EnumMap<>(AlertKind.class);
    all.put(AlertKind.PIPELINE_NOT_READY, notReady(reading.status()));
    all.put(AlertKind.PIPELINE_WORKER_DOWN, workerDown(reading.status()));
    all.put(
        AlertKind.PIPELINE_GUARD_AWAY,
        Condition.of(reading.status().isGuardAway(), reading.status().guardTrouble()));
    all.put(AlertKind.PIPELINE_PARTITION_STOPPED, stopped(reading.status()));
    addGrowths(reading, all);
    all.put(AlertKind.PIPELINE_LAG, known(lag, behind(lag)));
    all.put(AlertKind.PIPELINE_LAG_CRITICAL, known(lag, farBehind(lag)));
    all.put(
        AlertKind.PIPELINE_LAG_UNMEASURED,
        Condition.of(!lag.isMeasured(), lag.cannotMeasure() + " (since " + lag.since() + ")"));
    all.put(AlertKind.PIPELINE_HELD_BACK, known(lag, heldBack(lag)));
    all.put(
        AlertKind.PIPELINE_LOST,
        known(
            lag,
            Condition.of(
                lag.lost() > 0, lag.lost() + " records were deleted before they were processed")));
    return all;
  }

  private static Condition notReady(PipelineStatus status) {
    String why =
        Stream.concat(
                Stream.of(status.trouble()),
                status.workers().stream().filter(Conditions::isTold).map(Conditions::told))
            .filter(text -> !text.isEmpty())
            .findFirst()
            .orElse("it is " + status.state());
    return Condition.of(status.isOtherwiseDown(), why);
  }

  /** Whether its trouble is told here: one that stays down has an alert of its own. */
  private static boolean isTold(WorkerStatus worker) {
    return !worker.trouble().isEmpty() && !worker.staysDown();
  }

  private static Condition workerDown(PipelineStatus status) {
    List<WorkerStatus> down = status.downWorkers();
    return Condition.of(
        !down.isEmpty(),
        down.stream().findFirst().map(Conditions::told).orElse("")
            + (down.size() > 1 ? "; and " + (down.size() - 1) + " more" : ""));
  }

  private static String told(WorkerStatus worker) {
    return worker.worker() + " is " + worker.state() + ": " + worker.trouble();
  }

  private static Condition stopped(PipelineStatus status) {
    int stops = status.stops().size();
    return Condition.of(
        stops > 0,
        status.stops().stream()
                .findFirst()
                .map(stop -> "it waits for a decision at " + stop)
                .orElse("")
            + (stops > 1 ? "; and at " + (stops - 1) + " more" : ""));
  }

  private void addGrowths(Reading reading, Map<AlertKind, Condition> all) {
    PipelineCounters counters = reading.counters();
    long letters = deadLetters.of(reading.at(), counters.deadLetters.sum());
    all.put(
        AlertKind.PIPELINE_DEAD_LETTERS,
        Condition.of(
            (double) letters, limits.deadLetters(), "dead letters in ten minutes: " + letters));
    long aborted = aborts.of(reading.at(), counters.aborts.sum());
    all.put(
        AlertKind.PIPELINE_ABORTS,
        Condition.of(
            (double) aborted, limits.aborts(), "aborted transactions in ten minutes: " + aborted));
    long moved = rebalances.of(reading.at(), counters.rebalances.count.sum());
    all.put(
        AlertKind.PIPELINE_REBALANCES,
        Condition.of((double) moved, limits.rebalances(), "rebalances in an hour: " + moved));
    long passed = unguarded.of(reading.at(), counters.unguarded.sum());
    all.put(
        AlertKind.PIPELINE_UNGUARDED,
        Condition.of(passed > 0, "records handled without claims in ten minutes: " + passed));
    long unfinished = lost.of(reading.at(), counters.lost.sum());
    all.put(
        AlertKind.PIPELINE_UNFINISHED,
        Condition.of(
            unfinished > 0, "records committed and not handled in ten minutes: " + unfinished));
  }

  /** The condition; one that seems gone is not, as long as the lag is not measured. */
  private static Condition known(GroupLag lag, Condition condition) {
    return !lag.isMeasured() && condition.found() == Found.GONE
        ? new Condition(Found.BETWEEN, condition.reason())
        : condition;
  }

  private Condition behind(GroupLag lag) {
    int ofOne = limits.partitionWarningRecords();
    Found found = found(lag, limits.warningRecords(), ofOne, limits.warningTime());
    return new Condition(unlessGoneSoon(found, lag), told(lag, ofOne));
  }

  /** Critical in seconds counts whether the lag gets less or not. */
  private Condition farBehind(GroupLag lag) {
    int ofOne = limits.partitionCriticalRecords();
    Found found = found(lag, limits.criticalRecords(), ofOne, limits.criticalTime());
    boolean isLate = lag.seconds() > limits.criticalTime().toSeconds();
    return new Condition(isLate ? found : unlessGoneSoon(found, lag), told(lag, ofOne));
  }

  /**
   * The worst of the lag of all partitions, that of the partition that has most, and that in time.
   */
  private static Found found(GroupLag lag, int ofAll, int ofOne, Duration time) {
    Found ofPartitions =
        lag.partitions().stream()
            .map(part -> Condition.found((double) part.records(), ofOne))
            .reduce(Found.GONE, Condition::worse);
    return Condition.worse(
        Condition.worse(Condition.found((double) lag.records(), ofAll), ofPartitions),
        Condition.found(lag.seconds(), (double) time.toSeconds()));
  }

  /** No operator is needed for a lag that is gone soon. */
  private static Found unlessGoneSoon(Found found, GroupLag lag) {
    return found == Found.OVER && isGoneSoon(lag) ? Found.BETWEEN : found;
  }

  private static boolean isGoneSoon(GroupLag lag) {
    return lag.partitions().stream()
        .filter(part -> part.records() > 0)
        .allMatch(
            part -> {
              Duration left = part.trend().untilGone();
              return part.state() == LagState.OK
                  || (part.state() == LagState.CATCHING_UP
                      && left != null
                      && left.compareTo(SOON) <= 0);
            });
  }

  private static String told(GroupLag lag, int ofOne) {
    Optional<PartitionLag> last =
        lag.partitions().stream()
            .max(
                Comparator.<PartitionLag>comparingDouble(part -> part.seconds().value())
                    .thenComparingLong(PartitionLag::records));
    return String.format(Locale.ROOT, "%d records, %.1f s behind", lag.records(), lag.seconds())
        + last.map(
                part ->
                    String.format(
                        Locale.ROOT,
                        "; furthest %s (%s, %d records)",
                        part.partition(),
                        part.state(),
                        part.records()))
            .orElse("")
        + overOne(lag, ofOne);
  }

  /** The partition that has most, where it is over the threshold of one and is not all there is. */
  private static String overOne(GroupLag lag, int ofOne) {
    return lag.partitions().stream()
        .max(Comparator.comparingLong(PartitionLag::records))
        .filter(part -> part.records() > ofOne && part.records() < lag.records())
        .map(part -> "; " + part.partition() + " alone has " + part.records())
        .orElse("");
  }

  private static Condition heldBack(GroupLag lag) {
    Optional<PartitionLag> held =
        lag.partitions().stream()
            .filter(part -> part.overdueSeconds() > 0)
            .max(Comparator.comparingDouble(PartitionLag::overdueSeconds));
    return Condition.of(held.isPresent(), held.map(Conditions::told).orElse(""));
  }

  private static String told(PartitionLag held) {
    OpenTransaction open = requireNonNull(held.open());
    return held.heldBack()
        + " offsets of "
        + held.partition()
        + " are held back by "
        + named(open.transactionalId())
        + " of producer id "
        + open.producerId()
        + ", "
        + open.ageMillis() / 1000
        + " s old; its time-out is "
        + (open.isTimeoutKnown() ? "" : "not known, so it is taken for ")
        + open.timeout().toSeconds()
        + " s";
  }

  /** Of an unknown one nobody may conclude that it hangs, and abort it by hand. */
  private static String named(@Nullable String transactionalId) {
    if (transactionalId == null) {
      return "a transaction whose id is not known (a broker did not answer)";
    }
    return transactionalId.isEmpty()
        ? "a transaction that no coordinator lists (it hangs, or DESCRIBE for its id is missing)"
        : "the open transaction " + transactionalId;
  }
}
