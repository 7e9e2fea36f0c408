package io.exactlyonce.engine

import io.exactlyonce.engine.status.WorkerFailures
import io.exactlyonce.engine.status.WorkerState
import io.exactlyonce.handler.Handler
import io.exactlyonce.wiring.TestPipeline
import spock.lang.Tag

import java.time.Duration
import java.util.concurrent.CountDownLatch
import java.util.concurrent.atomic.AtomicInteger

/** Workers of one pipeline come, go, die and come back. */
class WorkersSpec extends PipelineSpec {

  /** A member learns of a rebalance by its next heartbeat. */
  TestPipeline started(Map<String, Object> settings = [:], Handler<String> handler = copy()) {
    run(['consumer.heartbeat.interval.ms': 300] + settings, handler)
  }

  int members() {
    admin.describeConsumerGroups([name]).all().get()[name].members().size()
  }

  /** The worker of that number dies: its thread is interrupted, which no wait of a Kafka client survives. */
  void strike(int number, String pipeline = name) {
    Thread.allStackTraces.keySet().find { it.name == "$pipeline-test-$number" }.interrupt()
  }

  @Tag('long')
  def "scaled up and down while running: every event once, and who is too many leaves at once"() {
    given: 'a session so long that a member who did not leave would still be seen'
    def running = started(['consumer.session.timeout.ms': 45_000])
    awaitRunning(running, 1)

    when:
    produce((0..<3000).collect { record("a$it", partition: it % 3) })
    running.pipeline().scale(3)
    awaitRunning(running, 3)

    then:
    members() == 3

    when:
    produce((0..<3000).collect { record("b$it", partition: it % 3) })
    running.pipeline().scale(1)

    then:
    await(Duration.ofSeconds(20)) { assert members() == 1 }
    awaitRunning(running, 1)

    when: 'the place that was left is filled again'
    running.pipeline().scale(2)
    awaitRunning(running, 2)
    produce((0..<300).collect { record("c$it", partition: it % 3) })
    awaitDrained()

    then:
    visible().size() == 6300
    visible().toSet().size() == 6300
    guarantees.receiptsJoin()
  }

  @Tag('long')
  def "handler threads go with the worker that is scaled away"() {
    given:
    def running = started([concurrency: 4, ordering: 'key'])
    awaitRunning(running, 1)
    def threads = { Thread.allStackTraces.keySet().count { it.name == "$name-handler".toString() && it.alive } }

    when:
    (1..3).each { round ->
      running.pipeline().scale(3)
      awaitRunning(running, 3)
      produce((0..<120).collect { record("r$round-$it", partition: it % 3) })
      awaitDrained()
      running.pipeline().scale(1)
      awaitRunning(running, 1)
    }

    then:
    await(BOUND) { assert threads() <= 4 }
    visible().size() == 360
  }

  def "handler threads go with the worker that dies"() {
    given:
    def running = started([concurrency: 4, ordering: 'key', 'restart.backoff': '1ms'])
    awaitRunning(running, 1)
    produce((0..<40).collect { record("v$it", partition: it % 3) })
    awaitDrained()
    def threads = Thread.allStackTraces.keySet().findAll { it.name == "$name-handler".toString() }

    when:
    strike(0)
    await(BOUND) { assert workers(running)[0].failures().count() == 1 }

    then:
    !threads.empty
    await(BOUND) { assert !threads.any { it.alive } }
  }

  @Tag('long')
  def "a stop shorter than the drain, with hung handlers and waiting retries, leaves no thread and no member"() {
    given:
    def failed = new AtomicInteger()
    Handler<String> hopeless = { event ->
      if (event.value().startsWith('hangs')) { new CountDownLatch(1).await() }
      failed.incrementAndGet()
      throw new IllegalStateException('again')
    }
    def running = run(['guard.store': 'off', ordering: 'key', concurrency: '4', 'retry.backoff': '60s', 'retry.max-backoff': '60s',
                       'stop-timeout': '2s', 'drain-timeout': '10s', 'membership': 'dynamic'], hopeless)
    produce((0..<6).collect { record("fails$it", partition: 0) } + (0..<3).collect { record("hangs$it", partition: 0) })
    await(BOUND) { assert failed.get() >= 6 }

    when:
    running.close()

    then:
    await(BOUND) { assert !Thread.allStackTraces.keySet().any { it.alive && it.name.contains(name) } }
    await(BOUND) { assert admin.describeConsumerGroups([name]).all().get()[name].members().empty }
  }

  def "more workers than partitions are warned of and run all the same"() {
    given:
    def running = started()
    awaitRunning(running, 1)

    when:
    running.pipeline().scale(5)
    awaitRunning(running, 5)

    then:
    running.pipeline().status().warnings() ==
        ["pipelines.${name}.workers = 5: [$source] has 3 partitions, which leaves 2 idle; add partitions or take fewer workers".toString()]

    when:
    running.pipeline().scale(3)
    awaitRunning(running, 3)

    then:
    running.pipeline().status().warnings() == []

    when:
    running.pipeline().scale(0)

    then:
    def refused = thrown(IllegalArgumentException)
    refused.message == "pipelines.${name}.workers = 0: must be from 1 to 256".toString()
  }

  def "a worker that dies is started again after a back-off, and its failure is kept and shown"() {
    given:
    def running = started(['restart.backoff': '500ms'])
    awaitRunning(running, 1)

    when:
    strike(0)

    then:
    await(BOUND) { assert !running.pipeline().status().ready }
    await(BOUND) { assert workers(running)[0].trouble().contains('starts again in 500ms') }

    when:
    produce([record('a', partition: 0)])
    awaitDrained()
    awaitRunning(running, 1)

    then:
    with(workers(running)[0]) {
      trouble() == ''
      failures().count() == 1
      failures().last().contains('InterruptException')
      failures().lastAt() != null
    }
    visible() == ['a']
  }

  @Tag('long')
  def "after its failures within the window a worker stays down and says why; scaling down and up fills its place anew"() {
    given:
    def running = started([workers: 2, 'restart.failures': 3, 'restart.backoff': '1ms'])
    awaitRunning(running, 2)

    when:
    (1..3).each { strikeNumber ->
      strike(1)
      await(BOUND) { assert workers(running)[1].failures().count() == strikeNumber }
      if (strikeNumber < 3) awaitRunning(running, 2)
    }
    produce((0..<300).collect { record("v$it", partition: it % 3) })
    awaitDrained()

    then: 'its neighbour has taken its partitions over'
    visible().toSet().size() == 300
    !running.pipeline().status().ready
    workers(running)[1].state() == WorkerState.FAILED
    workers(running)[1].trouble().startsWith('stays down, restart.failures is reached: ')
    workers(running)[0].state() == WorkerState.RUNNING

    and: 'which alone is why it is not ready'
    workers(running)*.staysDown() == [false, true]
    !running.pipeline().status().otherwiseDown

    when:
    running.pipeline().scale(1)
    await(BOUND) { assert workers(running).size() == 1 }
    running.pipeline().scale(2)

    then:
    awaitRunning(running, 2)
  }

  @Tag('long')
  def "a pipeline whose worker stays down leaves the one beside it alone"() {
    given: 'two pipelines in one process, each on topics of its own'
    def failing = started(['restart.failures': 1])
    def doomed = name
    name = unique('q')
    source = "$name-in"
    sink = "$name-out"
    createTopic(source, 3)
    createTopic(sink, 3)
    def healthy = started()
    awaitRunning(failing, 1)
    awaitRunning(healthy, 1)

    when:
    strike(0, doomed)
    await(BOUND) { assert workers(failing)[0].trouble().contains('stays down') }
    produce((0..<300).collect { record("v$it", partition: it % 3) })
    awaitDrained()

    then:
    healthy.pipeline().status().ready
    workers(healthy)[0].failures() == WorkerFailures.NONE
    !failing.pipeline().status().ready
    visible().size() == 300
  }
}
