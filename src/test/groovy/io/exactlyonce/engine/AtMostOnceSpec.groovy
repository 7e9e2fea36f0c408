package io.exactlyonce.engine

import io.exactlyonce.engine.status.WorkerState
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import io.exactlyonce.local.LocalRedis
import io.exactlyonce.wiring.TestPipeline
import spock.lang.Tag

import java.time.Duration
import java.util.concurrent.CountDownLatch
import java.util.concurrent.locks.LockSupport

/** Offsets are committed before the handling, so whoever holds records finishes them: only a crash may cost some. */
class AtMostOnceSpec extends PipelineSpec {

  static final Map<String, Object> AT_MOST_ONCE = [delivery: 'at-most-once', concurrency: 3, 'consumer.heartbeat.interval.ms': 300]

  /** Copies, and takes so long for each. */
  Handler<String> taking(Duration time) {
    String to = sink
    return { event ->
      LockSupport.parkNanos(time.toNanos())
      Outcome.emit(Output.to(to, event.key(), event.value()))
    } as Handler<String>
  }

  TestPipeline started(Map<String, Object> settings = [:], Handler<String> handler) {
    def all = AT_MOST_ONCE + settings
    run(all['group-protocol'] == 'consumer' ? all.findAll { it.key != 'consumer.heartbeat.interval.ms' } : all, handler)
  }

  static long lost(TestPipeline running) {
    running.pipeline().counters().lost.sum()
  }

  long committed() {
    admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata().get().values().sum { it.offset() } ?: 0
  }

  @Tag('long')
  def "a clean stop leaves nothing that was committed unhandled (#settings)"() {
    given:
    def running = started(settings, taking(Duration.ofMillis(10)))
    produce((0..<501).collect { record("v$it", partition: it % 3) })
    await(BOUND) { assert visible().size() >= 20 }

    when:
    running.close()

    then:
    committed() >= visible().size()
    visible().size() == committed()
    lost(running) == 0

    where:
    settings << [['guard.store': 'off'], [:], ['guard.store': 'off', ordering: 'key', 'group-protocol': 'consumer'],
                 ['guard.store': 'off', 'in-flight-records': 40]]
  }

  @Tag('long')
  def "a second instance that joins costs no output, a third that goes neither (#settings)"() {
    given:
    def slow = taking(Duration.ofMillis(15))
    def first = started(settings + ['guard.store': 'off', 'instance-id': 'a'], slow)
    produce((0..<600).collect { record("v$it", partition: it % 3) })
    await(BOUND) { assert visible().size() >= 20 }

    when:
    def second = started(settings + ['guard.store': 'off', 'instance-id': 'b'], slow)
    await(BOUND) { assert workers(second)*.partitions().flatten().size() > 0 }
    first.close()
    await(BOUND) { assert visible().size() == 600 }

    then:
    visible().toSet().size() == 600
    lost(first) + lost(second) == 0

    where:
    settings << [['group-protocol': 'classic'], ['group-protocol': 'consumer'], ['in-flight-records': 40]]
  }

  @Tag('long')
  def "#records records of #millis ms, a clean stop in the middle and a start: each output is there once"() {
    given: 'a backlog that takes longer than drain-timeout'
    def settings = [delivery: 'at-most-once', 'guard.store': 'off', concurrency: 1]
    def first = run(settings, taking(Duration.ofMillis(millis)))
    produce((0..<records).collect { record("v$it", partition: 0) })
    await(BOUND) { assert visible().size() >= 20 }

    when:
    first.close()

    then: 'the rest was not committed'
    visible().size() < records
    visible().size() == committed()
    lost(first) == 0

    when:
    def second = run(settings, taking(Duration.ofMillis(millis)))
    await(BOUND) { assert lag() == 0 }
    second.close()

    then:
    visible() == (0..<records).collect { "v$it".toString() }.sort()
    lost(second) == 0

    where:
    records | millis
    500     | 20
    12_000  | 1
  }

  @Tag('long')
  def "500 records of 20 ms, and a second instance joins in the middle: each output is there once"() {
    given:
    def settings = [delivery: 'at-most-once', 'guard.store': 'off', concurrency: 1]
    def slow = taking(Duration.ofMillis(20))
    def first = run(settings + ['instance-id': 'a'], slow)
    produce((0..<500).collect { record("v$it", partition: it % 3) })
    await(BOUND) { assert visible().size() >= 20 }

    when:
    def second = run(settings + ['instance-id': 'b'], slow)
    await(BOUND) { assert workers(second)*.partitions().flatten().size() > 0 }
    await(BOUND) { assert lag() == 0 }
    [first, second]*.close()

    then:
    visible() == (0..<500).collect { "v$it".toString() }.sort()
    lost(first) + lost(second) == 0
  }

  @Tag('long')
  def "cheap handlers are not held up: 100,000 records are handled within seconds"() {
    given:
    def records = 100_000
    def running = started(['guard.store': 'off'], taking(Duration.ZERO))
    awaitRunning(running, 1)
    produce((0..<records).collect { record("v$it", partition: it % 3) })

    when:
    def began = System.nanoTime()
    await(BOUND) { assert running.pipeline().counters().processed.sum() == records }
    def took = Duration.ofNanos(System.nanoTime() - began)
    println "at-most-once: $records records in ${took.toMillis()} ms after they were written"

    then:
    took < Duration.ofSeconds(20)
  }

  @Tag('long')
  def "a handler that hangs holds up its own partition, and the others not for longer than drain-timeout"() {
    given:
    String to = sink
    def gate = new CountDownLatch(1)
    def handler = { event ->
      if (event.value().startsWith('hangs')) gate.await()
      Outcome.emit(Output.to(to, event.key(), event.value()))
    } as Handler<String>
    started(['guard.store': 'off', 'drain-timeout': '1s'], handler)

    when:
    produce((0..<200).collect { record("hangs$it", partition: 0) })
    await(BOUND) { assert lag() < 200 }
    produce((0..<100).collect { record("v$it", partition: 1) })

    then:
    await(BOUND) { assert visible().size() == 100 }

    cleanup:
    gate.countDown()
  }

  @Tag('long')
  def "scaled down, workers finish what they have committed"() {
    given:
    def running = started(['guard.store': 'off', workers: 3], taking(Duration.ofMillis(10)))
    awaitRunning(running, 3)
    produce((0..<600).collect { record("v$it", partition: it % 3) })
    await(BOUND) { assert visible().size() >= 20 }

    when:
    running.pipeline().scale(1)
    await(BOUND) { assert visible().size() == 600 }

    then:
    visible().toSet().size() == 600
    lost(running) == 0
  }

  def "a record that waits for its next attempt is waited for at a stop"() {
    given:
    String to = sink
    def failed = new CountDownLatch(1)
    def handler = { event ->
      if (event.value() == 'again' && failed.count > 0) { failed.countDown(); throw new IllegalStateException('once') }
      Outcome.emit(Output.to(to, event.key(), event.value()))
    } as Handler<String>
    def running = started(['guard.store': 'off', 'retry.backoff': '2s', 'retry.max-backoff': '2s'], handler)
    produce(['a', 'again', 'b'].collect { record(it, partition: 0) })
    failed.await()

    when:
    running.close()

    then:
    visible() == ['a', 'again', 'b']
    lost(running) == 0
  }

  @Tag('long')
  def "records that wait for their claims at a stop are handled once Redis answers"() {
    given: 'offsets that are committed while Redis is silent'
    def redis = LocalRedis.start()
    opened << redis
    def settings = AT_MOST_ONCE + [source: source, sinks: sink, 'stop-timeout': '90s', 'drain-timeout': '60s', 'transaction-timeout': '2m']
    def running = TestPipeline.start(name, settings.collectEntries { k, v -> [k, v.toString()] }, copy(), bootstrapServers, redis.uri())
    opened << running
    produce([record('before', partition: 0)])
    await(BOUND) { assert visible() == ['before'] }
    redis.pause()
    produce(['a', 'b', 'c'].collect { record(it, partition: 0) })
    await(BOUND) { assert committed() == 4 }

    when:
    def closing = Thread.start { running.close() }
    await(BOUND) { assert workers(running)*.state() == [WorkerState.STOPPING] }
    redis.resume()
    closing.join()

    then:
    visible() == ['a', 'b', 'before', 'c']
    lost(running) == 0
  }

  @Tag('long')
  def "a worker that fails of its own finishes what it has committed before it starts again"() {
    given: 'an end that is no crash: partitions that are lost to others, since the group was told that it left'
    def running = started(['guard.store': 'off', 'restart.backoff': '10ms'], taking(Duration.ofMillis(10)))
    awaitRunning(running, 1)
    produce((0..<300).collect { record("v$it", partition: it % 3) })
    await(BOUND) { assert visible().size() >= 20 }

    when:
    admin.removeMembersFromConsumerGroup(name, new org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions()).all().get()
    await(BOUND) { assert visible().size() == 300 }

    then:
    visible().toSet().size() == 300
    lost(running) == 0
  }

  def "what takes longer than the bound is lost, counted and said with its positions"() {
    given:
    String to = sink
    def gate = new CountDownLatch(1)
    def handler = { event ->
      if (event.value() == 'hangs') gate.await()
      Outcome.emit(Output.to(to, event.key(), event.value()))
    } as Handler<String>
    def running = started(['guard.store': 'off', 'drain-timeout': '500ms', 'stop-timeout': '90s'], handler)
    produce(['a', 'hangs', 'b', 'c'].collect { record(it, partition: 0) })
    await(BOUND) { assert visible() == ['a'] && lag() == 0 }

    when:
    def from = System.nanoTime()
    running.close()
    def took = Duration.ofNanos(System.nanoTime() - from)

    then:
    visible() == ['a']
    lost(running) == 3

    and: 'the bound is drain-timeout, not the end of stop-timeout'
    took < Duration.ofSeconds(40)

    cleanup:
    gate.countDown()
  }

  def "what the end of stop-timeout breaks off is counted as lost then, and not after drain-timeout"() {
    given: 'a record whose next attempt comes after the stop, in a drain that would have 45 s for it'
    String to = sink
    def failed = new CountDownLatch(1)
    def handler = { event ->
      if (event.value() == 'again') { failed.countDown(); throw new IllegalStateException('once more') }
      Outcome.emit(Output.to(to, event.key(), event.value()))
    } as Handler<String>
    def running = started(['guard.store': 'off', 'drain-timeout': '60s', 'transaction-timeout': '2m', 'stop-timeout': '2s',
                           'retry.backoff': '5m', 'retry.max-backoff': '5m'], handler)
    produce(['a', 'again', 'b', 'c'].collect { record(it, partition: 0) })
    failed.await()
    await(BOUND) { assert visible() == ['a'] && lag() == 0 }

    when:
    running.close()

    then:
    await(Duration.ofSeconds(20)) { assert !Thread.allStackTraces.keySet().any { it.name == "$name-test-0".toString() } }
    visible() == ['a']
    readCommitted("$name" + '.dead-letters').empty
    lost(running) == 3
  }

  def "while a stop waits for one record, the outputs of those that finish meanwhile are written"() {
    given: 'more of them than one commit takes'
    String to = sink
    def gates = [(0): new CountDownLatch(1), (1): new CountDownLatch(1)]
    def begun = new CountDownLatch(2)
    def handler = { event ->
      begun.countDown()
      gates[event.source().partition()].await()
      Outcome.emit(Output.to(to, event.key(), event.value()))
    } as Handler<String>
    def running = started(['guard.store': 'off', 'drain-timeout': '100s', 'transaction-timeout': '200s', 'stop-timeout': '200s',
                           'commit-records': 1], handler)
    produce([record('slow', partition: 0)] + ['a', 'b', 'c'].collect { record(it, partition: 1) })
    begun.await()
    await(BOUND) { assert lag() == 0 }

    when:
    def closing = Thread.start { running.close() }
    await(BOUND) { assert workers(running)*.state() == [WorkerState.STOPPING] }
    gates[1].countDown()

    then:
    await(Duration.ofSeconds(20)) { assert visible() == ['a', 'b', 'c'] }

    when:
    gates[0].countDown()
    closing.join()

    then:
    visible() == ['a', 'b', 'c', 'slow']
    lost(running) == 0

    cleanup:
    gates.values()*.countDown()
  }
}
