package io.exactlyonce.bench;

import io.exactlyonce.local.Await;
import java.time.Duration;

/** One run over a preloaded source: as many records as there are, or as time allows. */
record Race(Stage stage, String workload, Load load, Duration limit) {
  private static final Duration SETTLING = Duration.ofSeconds(45);

  Result run(Contestant contestant, int round) {
    long started = System.currentTimeMillis();
    Stage.Entrant entrant = stage.enter(contestant, load.topic(), load.partitions());
    try {
      long pid = entrant.process().pid();
      long first = entrant.awaitFirst();
      double workerCpu = Usage.cpuSeconds(pid);
      double brokerCpu = Usage.cpuSeconds(stage.kafka.node(0).pid());
      double redisCpu = Usage.cpuSeconds(stage.redis.pid());
      Watch watch =
          new Watch(
              stage.helper.admin(),
              load.topic(),
              entrant.sink(),
              load.partitions(),
              entrant.group());
      boolean isDone =
          Await.within(limit, () -> watch.committed() >= load.records() && watch.isSettled());
      long committed = watch.committed();
      double seconds = (System.currentTimeMillis() - first) / 1000.0;
      workerCpu = Usage.cpuSeconds(pid) - workerCpu;
      brokerCpu = Usage.cpuSeconds(stage.kafka.node(0).pid()) - brokerCpu;
      redisCpu = Usage.cpuSeconds(stage.redis.pid()) - redisCpu;
      long peak = Usage.peakMegabytes(pid);
      // Not of one that still runs: what it does meanwhile would count as done within the limit.
      double live = isDone ? Usage.liveMegabytes(pid) : 0;
      entrant.process().kill();
      if (!isDone) {
        // It was killed in a transaction: what was decided becomes visible, the rest is timed out.
        Await.within(SETTLING, watch::isSettled);
      }
      Verdict found = new ReadBack(stage.kafka.bootstrapServers(), load).outputs(entrant.sink());
      long done = isDone ? load.records() : found.outputs();
      // How many of the committed ones were duplicates is known only where all were.
      long expected = isDone ? load.events() : load.duplicates() == 0 ? committed : 0;
      return new Result(
          contestant.name(),
          workload,
          round,
          (first - started) / 1000.0,
          done,
          seconds,
          workerCpu,
          brokerCpu,
          redisCpu,
          peak,
          live,
          found.of(expected));
    } finally {
      stage.clear(entrant);
    }
  }
}
