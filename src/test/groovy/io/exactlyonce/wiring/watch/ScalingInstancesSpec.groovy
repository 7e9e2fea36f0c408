package io.exactlyonce.wiring.watch

import io.exactlyonce.engine.PipelineSpec
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.scaling.ScalingDecision
import io.exactlyonce.scaling.ScalingDecision.Direction
import io.exactlyonce.scaling.ScalingDecision.What
import io.exactlyonce.scaling.ScalingPeriods
import io.exactlyonce.wiring.LagParts
import io.exactlyonce.wiring.TestPipeline
import spock.lang.Tag

import java.time.Clock
import java.time.Duration
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit

/** Which of a group's instances scales: two of them, each with its own lag monitor and scaler, under one load. */
@Tag('long')
class ScalingInstancesSpec extends PipelineSpec {

  static final Duration PATIENCE = Duration.ofSeconds(90)
  static final int PARTITIONS = 8
  static final String NOT_OURS = 'the instance that has partition 0 of the first source decides about workers'
  static final ScalingPeriods SHORT = new ScalingPeriods(Duration.ofSeconds(5), Duration.ofSeconds(12), Duration.ofHours(1), Duration.ofMinutes(30), Duration.ofSeconds(3))

  /** One look of an instance's scaler that decided something, and whether the instance had partition 0 then. */
  record Look(String instance, boolean owned, ScalingDecision decision) {
    boolean isUp() {
      decision.what() == What.WORKERS && decision.direction() == Direction.UP
    }
  }

  def load = Executors.newSingleThreadScheduledExecutor()
  def looks = new CopyOnWriteArrayList<Look>()

  def setup() {
    source = "$name-wide"
    createTopic(source, PARTITIONS)
  }

  def cleanup() {
    load.shutdownNow()
    load.awaitTermination(10, TimeUnit.SECONDS)
  }

  /** An instance of the group, which closes as a whole. */
  AutoCloseable start(String instance) {
    def handler = { event -> new CountDownLatch(1).await(12, TimeUnit.MILLISECONDS); Outcome.skip('seen') } as Handler<String>
    TestPipeline running = run(['instance-id': instance, 'stop-timeout': '2s', 'drain-timeout': '1s', 'scaling.mode': 'workers',
        'lag.check-every': '1s', 'alerts.lag.warning-records': '150', 'alerts.lag.critical-records': '300', 'alerts.lag.warning-time': '1h',
        'alerts.lag.critical-time': '2h'], handler)
    def pipeline = running.pipeline()
    def scaling = new ScalingWatch([pipeline.config()], { [pipeline] }, SHORT, Clock.systemUTC())
    def monitor = LagParts.monitor([pipeline.config()], ['bootstrap.servers': bootstrapServers], { [pipeline] })
    monitor.onChecked { lags ->
      def before = scaling.last(name)
      def owned = pipeline.status().has("$source-0")
      scaling.accept(lags)
      scaling.last(name).filter { before.isEmpty() || !it.is(before.get()) }.ifPresent {
        looks << new Look(instance, owned || pipeline.status().has("$source-0"), it)
      }
    }
    opened << monitor
    await(BOUND) { assert pipeline.status().ready && workers(running)*.partitions().flatten() }
    await(BOUND) { assert pipeline.counters().rebalances.count.sum() > 0L }
    monitor.start()
    return { monitor.close(); running.close() } as AutoCloseable
  }

  List<Look> ups(String instance) {
    looks.findAll { it.instance() == instance && it.isUp() }
  }

  def "the instance that owns partition 0 of the first source adds workers, and its successor does after it"() {
    given: 'twice what two workers do at 12 ms'
    def instances = ['a', 'b'].collectEntries { [it, start(it)] }
    int sent = 0
    load.scheduleAtFixedRate({
      produce((0..<80).collect { record("v${sent++}", partition: it % PARTITIONS) })
    }, 0, 250, TimeUnit.MILLISECONDS)

    when: 'both find the lag critical and growing'
    await(PATIENCE) { assert looks.any { it.isUp() } && looks*.instance().toSet().size() == 2 }
    def first = looks.find { it.isUp() }.instance()
    def other = instances.keySet().find { it != first }

    then:
    looks.findAll { it.isUp() }*.owned().every()
    looks.any { it.instance() == other && it.decision().reason() == NOT_OURS && !it.owned() }

    when: 'it goes'
    int before = ups(other).size()
    instances[first].close()

    then:
    await(PATIENCE) { assert ups(other).size() > before }
    looks.findAll { it.isUp() }*.owned().every()
  }
}
