package io.exactlyonce.wiring.watch

import io.exactlyonce.engine.PipelineSpec
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.lag.LagMonitor
import io.exactlyonce.scaling.ScalingDecision.Direction
import io.exactlyonce.scaling.ScalingDecision.What
import io.exactlyonce.scaling.ScalingPeriods
import io.exactlyonce.wiring.LagParts
import io.exactlyonce.wiring.TestPipeline
import spock.lang.Tag

import java.time.Clock
import java.time.Duration
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit

/** The scaler at work: real lag, real rebalances, its periods cut to seconds. */
@Tag('long')
class ScalingWatchSpec extends PipelineSpec {

  static final Duration PATIENCE = Duration.ofSeconds(90)
  static final ScalingPeriods SHORT = new ScalingPeriods(Duration.ofSeconds(5), Duration.ofSeconds(12), Duration.ofHours(1), Duration.ofMinutes(30), Duration.ofSeconds(3))
  static final Map<String, String> SETTINGS = [
    'scaling.mode': 'workers', 'lag.check-every': '1s', 'alerts.lag.warning-records': '150', 'alerts.lag.critical-records': '300',
    'alerts.lag.warning-time': '1h', 'alerts.lag.critical-time': '2h',
  ]

  def load = Executors.newSingleThreadScheduledExecutor()
  TestPipeline running
  ScalingWatch scaling
  LagMonitor monitor

  def cleanup() {
    load.shutdownNow()
    load.awaitTermination(10, TimeUnit.SECONDS)
  }

  /** About 160 records a second on three partitions, twice what one worker does at 12 ms. */
  void start(Handler<String> handler) {
    running = run(SETTINGS, handler)
    def config = running.pipeline().config()
    scaling = new ScalingWatch([config], { [running.pipeline()] }, SHORT, Clock.systemUTC())
    monitor = LagParts.monitor([config], ['bootstrap.servers': bootstrapServers], { [running.pipeline()] })
    monitor.onChecked(scaling)
    opened << monitor
    awaitRunning(running, 1)
    int sent = 0
    load.scheduleAtFixedRate({ produce((0..<40).collect { record("v${sent++}", partition: sent % 3) }) }, 0, 250, TimeUnit.MILLISECONDS)
    await(BOUND) { assert running.pipeline().counters().skipped.sum() > 80L } // what comes before is no rate to compare with
    monitor.start()
  }

  static void work() {
    new CountDownLatch(1).await(12, TimeUnit.MILLISECONDS)
  }

  long count(Direction direction) {
    scaling.count(running.pipeline().config().name(), What.WORKERS, direction)
  }

  def "a handler of 12 ms under twice the load of one worker: the scaler alone ends the lag"() {
    when:
    start({ event -> work(); Outcome.skip('seen') } as Handler<String>)
    await(PATIENCE) { assert count(Direction.UP) >= 1L }

    then: 'while the load goes on'
    await(PATIENCE) { assert monitor.latest().every { it.measured && it.records() < 100 } }
    count(Direction.UP) <= 2
    count(Direction.BACK) == 0
    running.pipeline().wantedWorkers() == 3

    when: 'the load ends'
    load.shutdown()

    then:
    await(PATIENCE) { assert monitor.latest().every { it.measured && it.records() == 0 } }
  }

  def "a handler behind one lock: the step brings nothing and is taken back"() {
    given:
    def lock = new Object()

    when:
    start({ event -> synchronized (lock) { work() }; Outcome.skip('seen') } as Handler<String>)

    then:
    await(PATIENCE) { assert count(Direction.BACK) == 1L }
    count(Direction.UP) == 1
    await(PATIENCE) { assert running.pipeline().status().workers().size() == 1 }
    running.pipeline().wantedWorkers() == 1
  }
}
