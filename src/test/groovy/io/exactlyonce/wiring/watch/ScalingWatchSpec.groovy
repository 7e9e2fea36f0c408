package io.exactlyonce.wiring.watch

import io.exactlyonce.console.Happenings
import io.exactlyonce.console.Reading
import io.exactlyonce.console.TimeLine
import io.exactlyonce.engine.PipelineSpec
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.lag.LagMonitor
import io.exactlyonce.local.LogLines
import io.exactlyonce.scaling.ScalingDecision.Direction
import io.exactlyonce.scaling.ScalingDecision.What
import io.exactlyonce.scaling.ScalingPeriods
import io.exactlyonce.wiring.LagParts
import io.exactlyonce.wiring.TestPipeline
import spock.lang.AutoCleanup
import spock.lang.Tag

import java.time.Clock
import java.time.Duration
import java.time.Instant
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
  def line = new TimeLine()
  @AutoCleanup
  LogLines log = new LogLines(ScalingWatch)
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
    def happenings = new Happenings(line, name)
    monitor.onChecked { happenings.look(Reading.of(running.pipeline(), Instant.now(), System.nanoTime()), [], scaling.last(name), Optional.empty()) }
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

  /** Decisions by all of the counters that have a metric. */
  long decisions() {
    [What.values().toList(), Direction.values().toList()].combinations { what, direction -> scaling.count(name, what, direction) }.sum() as long
  }

  /** What the log says of decisions, once the time line and the counters have as many and the same. */
  List<String> toldOnce() {
    List<String> lines = []
    await(BOUND) {
      lines = log.texts().findAll { it.startsWith("$name: ") }*.substring("$name: ".length())
      assert lines == line.since(0).findAll { it.kind() == 'SCALING' }*.text()
      assert lines.size() == decisions()
    }
    lines
  }

  /** How many each worker saw, its first assignment among them. */
  Map<String, Integer> rebalances() {
    running.pipeline().counters().rebalances.recent().countBy { it.worker() }
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

    and: 'with at most two rebalances, as the worker that was there before saw them'
    rebalances().size() == 3
    rebalances().values().max() - 1 <= 2

    and: 'each decision is one line of the log and one event of the time line, and is counted once'
    toldOnce().count { it.startsWith('scaling up from 1 to 3 workers: ') } == 1

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

    and:
    toldOnce().count { it.startsWith('scaling up from 1 to 3 workers: ') } == 1
    toldOnce().count { it.startsWith('scaling back from 3 to 1 workers: ') } == 1
  }
}
