package io.exactlyonce.scaling;

import io.exactlyonce.scaling.ScalingDecision.Direction;
import io.exactlyonce.scaling.ScalingDecision.What;
import io.exactlyonce.scaling.ScalingReading.Load;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Decides how many workers an instance should have, and how many handler calls each worker may make
 * at once. It takes the time from the readings alone, and one thread calls it.
 *
 * <p>While the lag is critical and no other cause explains it, the concurrency is doubled, which
 * moves no partition, and then two workers are added. A step that brings too little is taken back,
 * and after a long calm one step down is made.
 */
public final class Scaler {
  private static final int STEP_UP = 2;
  private static final int FACTOR = 2;
  private static final double WORTH_IT = 1.10;
  private static final int CHECKS = 2;

  /** A step up whose effect is not judged yet. */
  private record Trial(What what, Instant since, int from, double before) {}

  private final ScalingLimits limits;
  private final ScalingPeriods periods;
  private final Throughput throughput;
  private final Map<What, Instant> noUpBefore = new EnumMap<>(What.class);

  private int expectedWorkers;
  private int expectedConcurrency;
  private int slowChecks;
  private int growingChecks;
  private boolean decided = true;
  private @Nullable Trial trial;
  private @Nullable Instant calmSince;
  private Instant lastChange = Instant.MIN;
  private Instant handsOffSince = Instant.MIN;
  private Instant lastDown = Instant.MIN;
  private Instant noDownBefore = Instant.MIN;
  private String held = "";

  public Scaler(ScalingLimits limits, ScalingPeriods periods) {
    this.limits = limits;
    this.periods = periods;
    this.throughput = new Throughput(window(What.WORKERS));
  }

  /**
   * Time over which the rate of a step is measured. For workers it leaves out the first half of the
   * trial, which the rebalance takes.
   */
  private Duration window(What what) {
    return what == What.WORKERS ? periods.feedback().dividedBy(2) : periods.settle();
  }

  /** The decision at a check; empty where nothing is to be changed or reported. */
  public Optional<ScalingDecision> check(ScalingReading now) {
    if (!now.explained().isEmpty()) { // no rate to compare others with
      throughput.clear();
    }
    throughput.add(now.at(), now.done());
    takeIn(now);
    if (now.load() == Load.UNMEASURED) {
      return Optional.empty();
    }
    Optional<ScalingDecision> next = trial == null ? Optional.empty() : judge(trial, now);
    if (next.isEmpty() && trial == null) {
      next = slowChecks >= CHECKS ? up(now) : down(now);
    }
    next.ifPresent(this::expect);
    return next;
  }

  private void takeIn(ScalingReading now) {
    boolean isChanged =
        now.workers() != expectedWorkers || now.concurrency() != expectedConcurrency;
    if (expectedWorkers != 0 && isChanged) {
      trial = null;
      calmSince = null;
      lastChange = now.at();
      handsOffSince = now.at();
    }
    if (now.decides() && !decided) { // the instance that decided before may just have added some
      lastChange = now.at();
    }
    decided = now.decides();
    expectedWorkers = now.workers();
    expectedConcurrency = now.concurrency();
    slowChecks = now.isSlow() ? slowChecks + 1 : 0;
    growingChecks = now.isGrowing() ? growingChecks + 1 : 0;
    if (now.load() != Load.CALM) {
      calmSince = null;
    } else if (calmSince == null) {
      calmSince = now.at();
    }
  }

  private void expect(ScalingDecision next) {
    if (next.what() == What.WORKERS) {
      expectedWorkers = next.to();
    } else {
      expectedConcurrency = next.to();
    }
  }

  private Optional<ScalingDecision> judge(Trial ended, ScalingReading now) {
    if (!now.explained().isEmpty()) { // shows nothing of the step, which is judged afterwards
      trial = new Trial(ended.what(), now.at(), ended.from(), ended.before());
      return Optional.empty();
    }
    OptionalDouble after = throughput.over(window(ended.what()));
    // Workers are not judged early: the rate would be that of the rebalance.
    boolean isEarly = ended.what() == What.CONCURRENCY;
    if (isEarly && after.orElse(0) >= ended.before() * WORTH_IT) {
      trial = null;
      return Optional.empty();
    }
    if (after.isEmpty() || isWithin(ended.since(), periods.feedback(), now.at())) {
      return Optional.empty();
    }
    trial = null;
    // Without a lag the rate is limited by the load and not by the workers.
    boolean isBusy = now.load() == Load.BEHIND || now.load() == Load.CRITICAL;
    if (!isBusy || after.getAsDouble() >= ended.before() * WORTH_IT) {
      return Optional.empty();
    }
    noUpBefore.put(ended.what(), now.at().plus(periods.retry()));
    String reason =
        String.format(
            Locale.ROOT,
            "%.0f records/s before the step and %.0f after it, which is less than 10 %% more; not"
                + " tried again for %d s",
            ended.before(),
            after.getAsDouble(),
            periods.retry().toSeconds());
    return Optional.of(change(now, ended.what(), Direction.BACK, ended.from(), reason));
  }

  private Optional<ScalingDecision> up(ScalingReading now) {
    if (!now.explained().isEmpty()) {
      return hold(now, now.explained());
    }
    if (isWithin(handsOffSince, periods.coolDown(), now.at())) {
      return Optional.empty();
    }
    int concurrency = Math.min(now.concurrency() * FACTOR, limits.maxConcurrency());
    if (concurrency > now.concurrency() && mayTry(What.CONCURRENCY, now)) {
      boolean isSettled = !isWithin(lastChange, periods.settle(), now.at());
      return isSettled ? step(now, What.CONCURRENCY, concurrency) : Optional.empty();
    }
    return growingChecks >= CHECKS ? upWorkers(now) : Optional.empty();
  }

  private Optional<ScalingDecision> upWorkers(ScalingReading now) {
    int to = Math.min(now.workers() + STEP_UP, Math.min(limits.maxWorkers(), now.mostUseful()));
    if (!mayTry(What.WORKERS, now)) {
      return hold(
          now,
          "the last step up was taken back; not tried again before "
              + noUpBefore.get(What.WORKERS));
    }
    if (to <= now.workers()) {
      return hold(
          now,
          "scaling.max-workers is "
              + limits.maxWorkers()
              + ", and this instance has partitions for "
              + now.mostUseful());
    }
    if (!now.decides()) {
      return hold(
          now, "the instance that has partition 0 of the first source decides about workers");
    }
    return isWithin(lastChange, periods.coolDown(), now.at())
        ? Optional.empty()
        : step(now, What.WORKERS, to);
  }

  private boolean mayTry(What what, ScalingReading now) {
    return !now.at().isBefore(noUpBefore.getOrDefault(what, Instant.MIN));
  }

  private Optional<ScalingDecision> step(ScalingReading now, What what, int to) {
    OptionalDouble before = throughput.over(window(what));
    if (before.isEmpty()) {
      return Optional.empty();
    }
    if (isWithin(lastDown, periods.retry(), now.at())) { // the last step down was too early
      noDownBefore = now.at().plus(periods.retry());
    }
    trial = new Trial(what, now.at(), of(now, what), before.getAsDouble());
    String reason =
        String.format(
            Locale.ROOT,
            now.isGrowing()
                ? "the lag is critical and grows by %.0f records/s"
                : "the lag is critical and shrinks by only %.0f records/s",
            Math.abs(now.perSecond()));
    return Optional.of(change(now, what, Direction.UP, to, reason));
  }

  private Optional<ScalingDecision> hold(ScalingReading now, String why) {
    if (held.equals(why)) {
      return Optional.empty();
    }
    held = why;
    int workers = now.workers();
    return Optional.of(
        new ScalingDecision(now.at(), What.WORKERS, Direction.HELD, workers, workers, why));
  }

  /** The next step down after a calm: of workers first, then of the concurrency. */
  private Optional<ScalingDecision> down(ScalingReading now) {
    if (now.load() != Load.CRITICAL) {
      held = "";
    }
    boolean hasWorkers = now.workers() > limits.minWorkers();
    if (calmSince == null
        || isWithin(calmSince, periods.calm(), now.at())
        || now.at().isBefore(noDownBefore)
        || !(hasWorkers || now.concurrency() > limits.minConcurrency())) {
      return Optional.empty();
    }
    calmSince = now.at();
    lastDown = now.at();
    String reason =
        "the lag was below a tenth of the warning for " + periods.calm().toSeconds() + " s";
    return Optional.of(
        hasWorkers
            ? change(now, What.WORKERS, Direction.DOWN, now.workers() - 1, reason)
            : change(
                now,
                What.CONCURRENCY,
                Direction.DOWN,
                Math.max(limits.minConcurrency(), now.concurrency() / FACTOR),
                reason));
  }

  private ScalingDecision change(
      ScalingReading now, What what, Direction direction, int to, String reason) {
    lastChange = now.at();
    held = "";
    return new ScalingDecision(now.at(), what, direction, of(now, what), to, reason);
  }

  private static int of(ScalingReading now, What what) {
    return what == What.WORKERS ? now.workers() : now.concurrency();
  }

  private static boolean isWithin(Instant since, Duration period, Instant now) {
    return !since.equals(Instant.MIN) && now.isBefore(since.plus(period));
  }
}
