package io.exactlyonce.bench;

import io.exactlyonce.local.Await;
import java.time.Duration;

/** One run over a preloaded source: as many records as there are, or as time allows. */
record Race(Stage stage, String workload, String source, long records, Duration limit) {
  Result run(Contestant contestant, int round) {
    Stage.Entrant entrant = stage.enter(contestant, source);
    try {
      long pid = entrant.process().pid();
      long first = entrant.awaitFirst();
      double workerCpu = Usage.cpuSeconds(pid);
      double brokerCpu = Usage.cpuSeconds(stage.kafka.node(0).pid());
      double redisCpu = Usage.cpuSeconds(stage.redis.pid());
      Watch watch = new Watch(stage.helper.admin(), source, entrant.sink(), entrant.group());
      boolean isDone = Await.within(limit, () -> watch.committed() >= records && watch.isSettled());
      long committed = watch.committed();
      double seconds = (System.currentTimeMillis() - first) / 1000.0;
      workerCpu = Usage.cpuSeconds(pid) - workerCpu;
      brokerCpu = Usage.cpuSeconds(stage.kafka.node(0).pid()) - brokerCpu;
      redisCpu = Usage.cpuSeconds(stage.redis.pid()) - redisCpu;
      long peak = Usage.peakMegabytes(pid);
      entrant.process().kill();
      Verdict verdict = Verdict.read(stage.kafka.bootstrapServers(), entrant.sink()).of(committed);
      return new Result(
          contestant.name(),
          workload,
          round,
          isDone ? records : verdict.outputs(),
          seconds,
          workerCpu,
          brokerCpu,
          redisCpu,
          peak,
          verdict);
    } finally {
      stage.clear(entrant);
    }
  }
}
