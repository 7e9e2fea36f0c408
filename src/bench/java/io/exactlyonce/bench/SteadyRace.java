package io.exactlyonce.bench;

import io.exactlyonce.local.Await;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.TopicPartition;

/** One run over a preloaded source that lasts longer than the run: warm, and for a fixed time. */
record SteadyRace(Stage stage, String kind, String workload, Load load, Pace pace) {
  /** Kafka's time-out of a transaction is a minute unless the contestant has another. */
  private static final Duration SETTLING = Duration.ofSeconds(90);

  /** A killed member of a group keeps its partitions for a session, 45 s by default. */
  private static final Duration RETURN = Duration.ofSeconds(120);

  /**
   * Records that a contestant goes on for after its kill, so that what it had taken is behind it.
   */
  private static final long BEHIND = 200_000;

  private static final int SAMPLES_A_SLICE = 5;

  /**
   * @param slice time over which a rate is taken
   * @param most time that may pass before the counted part begins
   * @param counted how long that is
   */
  record Pace(Duration slice, Duration most, Duration counted) {}

  SteadyResult run(Contestant contestant, int round) {
    long started = System.currentTimeMillis();
    Stage.Entrant entrant = stage.enter(contestant, load.topic(), load.partitions());
    try {
      long first = entrant.awaitFirst();
      Watch source = watch(entrant, load.topic());
      Watch last = watch(entrant, contestant.last(load.topic(), entrant.group()));
      long pid = entrant.process().pid();
      SteadyRate.Phases phases = observe(pid, first, source, last);
      long peak = Usage.peakMegabytes(pid);
      entrant.process().kill();
      if (contestant.isKilled()) {
        entrant = stage.again(entrant);
        goOn(source);
        entrant.process().kill();
      }
      boolean isSettled = Await.within(SETTLING, source::isSettled);
      if (!isSettled) {
        throw new IllegalStateException(
            entrant.sink()
                + " has an open transaction after "
                + SETTLING
                + ": see "
                + entrant.log());
      }
      Map<TopicPartition, Long> committed = last.offsets(last.source());
      Verdict verdict =
          new ReadBack(stage.kafka.bootstrapServers(), load)
              .outputs(entrant.sink(), last.source(), committed);
      Sample counted = phases.counted();
      Result result =
          new Result(
              contestant.name(),
              workload,
              round,
              (first - started) / 1000.0,
              counted.records(),
              counted.seconds(),
              counted.workerCpu(),
              counted.brokerCpu(),
              counted.redisCpu(),
              peak,
              0,
              verdict);
      return new SteadyResult(kind, result, phases, contestant.isKilled());
    } finally {
      stage.clear(entrant);
    }
  }

  /** Until the counted part is over, or the source is. */
  private SteadyRate.Phases observe(long pid, long first, Watch source, Watch last) {
    SteadyRate rate = new SteadyRate(pace.slice(), pace.most(), pace.counted());
    long pause = pace.slice().toNanos() / SAMPLES_A_SLICE;
    long due = System.nanoTime();
    rate.add(sample(pid, first, last));
    while (!rate.isOver()) {
      due += pause;
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      Sample sample = sample(pid, first, last);
      // Its time is later than the end's, and what is idle would count.
      if (source.committed() >= load.records()) {
        break;
      }
      rate.add(sample);
    }
    return rate.phases();
  }

  private Sample sample(long pid, long first, Watch last) {
    return new Sample(
        (System.currentTimeMillis() - first) / 1000.0,
        last.committed(),
        Usage.cpuSeconds(pid),
        Usage.cpuSeconds(stage.kafka.node(0).pid()),
        Usage.cpuSeconds(stage.redis.pid()));
  }

  private void goOn(Watch source) {
    long enough = Math.min(load.records(), source.committed() + BEHIND);
    if (!Await.within(RETURN, () -> source.committed() >= enough)) {
      throw new IllegalStateException(
          source.group() + " did not go on within " + RETURN + " after it was killed");
    }
  }

  private Watch watch(Stage.Entrant entrant, String topic) {
    return new Watch(
        stage.helper.admin(), topic, entrant.sink(), load.partitions(), entrant.group());
  }
}
