package io.exactlyonce.scaling;

import io.exactlyonce.scaling.ScalingDecision.Direction;
import io.exactlyonce.scaling.ScalingReading.Load;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * Decides how many workers an instance should have. It takes time from the readings alone, and one
 * thread calls it. It adds two workers while the lag is critical, grows and is not explained
 * otherwise; takes them back where they bring too little; and ends one after a long calm.
 */
public final class Scaler {
  private static final int STEP_UP = 2;
  private static final double WORTH_IT = 1.10;
  private static final int CHECKS = 2;

  /** A step up whose effect is not judged yet. */
  private record Trial(Instant since, int from, double before) {}

  private final int min;
  private final int max;
  private final ScalingPeriods periods;
  private final Throughput throughput;

  private int expected;
  private int criticalChecks;
  private Trial trial;
  private Instant calmSince;
  private Instant lastChange = Instant.MIN;
  private Instant lastDown = Instant.MIN;
  private Instant noUpBefore = Instant.MIN;
  private Instant noDownBefore = Instant.MIN;
  private String held = "";

  /**
   * @param min workers below which it does not go
   * @param max workers above which it does not go
   */
  public Scaler(int min, int max, ScalingPeriods periods) {
    this.min = min;
    this.max = max;
    this.periods = periods;
    // The first half of a trial is the rebalance's.
    this.throughput = new Throughput(periods.feedback().dividedBy(2));
  }

  /** What to do now; empty where nothing is to be done or said. */
  public Optional<ScalingDecision> check(ScalingReading now) {
    if (!now.explained().isEmpty()) { // such a rate is nothing to compare with
      throughput.clear();
    }
    throughput.add(now.at(), now.done());
    if (expected != 0 && expected != now.workers()) {
      trial = null;
      calmSince = null;
      lastChange = now.at();
    }
    expected = now.workers();
    criticalChecks = now.load() == Load.CRITICAL && now.perSecond() > 0 ? criticalChecks + 1 : 0;
    if (now.load() != Load.CALM) {
      calmSince = null;
    } else if (calmSince == null) {
      calmSince = now.at();
    }
    if (now.load() == Load.UNMEASURED) {
      return Optional.empty();
    }
    Optional<ScalingDecision> decided = trial == null ? Optional.empty() : judge(now);
    if (decided.isEmpty() && trial == null) {
      decided = criticalChecks >= CHECKS ? up(now) : down(now);
    }
    decided.ifPresent(decision -> expected = decision.to());
    return decided;
  }

  private Optional<ScalingDecision> judge(ScalingReading now) {
    if (!now.explained().isEmpty()) { // says nothing of the step: it is judged afterwards
      trial = new Trial(now.at(), trial.from(), trial.before());
      return Optional.empty();
    }
    if (isWithin(trial.since(), periods.feedback(), now.at())) {
      return Optional.empty();
    }
    Trial ended = trial;
    trial = null;
    double after = throughput.perSecond();
    // Without lag the load is the limit, and not the workers.
    boolean isBusy = now.load() == Load.BEHIND || now.load() == Load.CRITICAL;
    if (!isBusy || after >= ended.before() * WORTH_IT) {
      return Optional.empty();
    }
    noUpBefore = now.at().plus(periods.retry());
    String reason =
        String.format(
            Locale.ROOT,
            "%.0f records/s before the step and %.0f after it, which is less than 10 %% more; not"
                + " tried again for %d s",
            ended.before(),
            after,
            periods.retry().toSeconds());
    return Optional.of(change(now, Direction.BACK, ended.from(), reason));
  }

  private Optional<ScalingDecision> up(ScalingReading now) {
    int to = Math.min(now.workers() + STEP_UP, Math.min(max, now.mostUseful()));
    String why = "";
    if (!now.explained().isEmpty()) {
      why = now.explained();
    } else if (now.at().isBefore(noUpBefore)) {
      why = "the last step up was taken back; not tried again before " + noUpBefore;
    } else if (to <= now.workers()) {
      why = "scaling.max-workers is " + max + ", and partitions are there for " + now.mostUseful();
    }
    if (!why.isEmpty()) {
      return hold(now, why);
    }
    if (isWithin(lastChange, periods.coolDown(), now.at()) || !throughput.isKnown()) {
      return Optional.empty();
    }
    if (isWithin(lastDown, periods.retry(), now.at())) { // the step down was wrong
      noDownBefore = now.at().plus(periods.retry());
    }
    trial = new Trial(now.at(), now.workers(), throughput.perSecond());
    String reason =
        String.format(
            Locale.ROOT, "the lag is critical and grows by %.0f records/s", now.perSecond());
    return Optional.of(change(now, Direction.UP, to, reason));
  }

  private Optional<ScalingDecision> hold(ScalingReading now, String why) {
    if (held.equals(why)) {
      return Optional.empty();
    }
    held = why;
    return Optional.of(
        new ScalingDecision(now.at(), Direction.HELD, now.workers(), now.workers(), why));
  }

  private Optional<ScalingDecision> down(ScalingReading now) {
    if (now.load() != Load.CRITICAL) {
      held = "";
    }
    if (calmSince == null
        || isWithin(calmSince, periods.calm(), now.at())
        || now.at().isBefore(noDownBefore)
        || now.workers() <= min) {
      return Optional.empty();
    }
    calmSince = now.at();
    lastDown = now.at();
    String reason =
        "the lag was below a tenth of the warning for " + periods.calm().toSeconds() + " s";
    return Optional.of(change(now, Direction.DOWN, now.workers() - 1, reason));
  }

  private ScalingDecision change(ScalingReading now, Direction direction, int to, String reason) {
    lastChange = now.at();
    held = "";
    return new ScalingDecision(now.at(), direction, now.workers(), to, reason);
  }

  private static boolean isWithin(Instant since, Duration period, Instant now) {
    return since != Instant.MIN && now.isBefore(since.plus(period));
  }
}
