package io.exactlyonce.engine

import groovy.transform.CompileStatic
import io.exactlyonce.engine.handling.HandlerTimeoutException
import io.exactlyonce.engine.status.WorkerState
import io.exactlyonce.engine.status.WorkerStatus
import io.exactlyonce.engine.worker.StallDetector
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import io.exactlyonce.local.LogLines
import io.exactlyonce.wiring.TestPipeline
import org.apache.kafka.clients.consumer.ConsumerInterceptor
import org.apache.kafka.clients.consumer.ConsumerRecords
import spock.lang.Tag

import java.nio.channels.spi.AbstractInterruptibleChannel
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit

/** Class F5 and F8: a handler that is slow or stands still costs its own partition, and is named. */
class SlowHandlerSpec extends PipelineSpec {

  def calls = new ConcurrentLinkedQueue<String>()

  /** Copies; what says 'slow' waits for the gate, and no longer than that. */
  Handler<String> waiting(CountDownLatch gate, long seconds = 60) {
    String to = sink
    return { event ->
      calls << event.value()
      if (event.value() == 'slow') gate.await(seconds, TimeUnit.SECONDS)
      Outcome.emit(Output.to(to, event.key(), event.value()))
    } as Handler<String>
  }

  Set<String> members() {
    admin.describeConsumerGroups([name]).all().get()[name].members()*.consumerId().toSet()
  }

  /** What classes of the engine log while the closure runs. */
  List<String> logged(Class<?> by, Closure<?> doing) {
    new LogLines(by).withCloseable { seen ->
      doing()
      seen.texts()
    }
  }

  WorkerStatus worker(TestPipeline running) {
    running.pipeline().status().workers()[0]
  }

  @Tag('long')
  def "F5: a handler slower than max.poll.interval.ms and transaction-timeout keeps its membership and is called once (#protocol)"() {
    given: 'a record that takes 7 s, with a backlog behind it that fills its share of the bounds'
    def running = run(['group-protocol': protocol, 'consumer.max.poll.interval.ms': 2000, 'drain-timeout': '1s', 'transaction-timeout': '5s',
                       'in-flight-records': 300, 'consumer.max.poll.records': 50] , waiting(new CountDownLatch(1), 7))
    await(BOUND) { assert running.pipeline().status().ready && worker(running).partitions().size() == 3 }
    def before = members()

    when:
    produce([record('slow', partition: 0)] + (0..<600).collect { record("v$it", partition: it % 3) })
    awaitDrained()

    then:
    members() == before
    before.size() == 1
    calls.count { it == 'slow' } == 1
    calls.size() == 601
    running.pipeline().counters().aborts.sum() == 0
    visible().size() == 601
    guarantees.receiptsJoin()

    where:
    protocol << ['classic', 'consumer']
  }

  def "a record past handler-timeout is interrupted, counts as thrown, and its neighbours go on"() {
    given:
    def running = run(['handler-timeout': '200ms', 'retry.attempts': 2], waiting(new CountDownLatch(1)))

    when:
    produce([record('before', partition: 0), record('slow', partition: 0), record('after', partition: 0), record('beside', partition: 1)])
    awaitDrained()
    def letters = readCommitted(name + '.dead-letters')

    then:
    visible() == ['after', 'before', 'beside']
    calls.count { it == 'slow' } == 2
    letters.size() == 1
    header(letters[0], 'dead-letter-offset') == '1'
    header(letters[0], 'dead-letter-exception') == HandlerTimeoutException.name
    header(letters[0], 'dead-letter-message').contains('longer than handler-timeout, 200ms')
    running.pipeline().counters().aborts.sum() == 0
    guarantees.receiptsJoin()
  }

  @Tag('long')
  def "F8: a record that makes no progress is named with its position, logged once, and forgotten when it goes on"() {
    given:
    def gate = new CountDownLatch(1)
    def running = run(['stall-after': '300ms', concurrency: 2], waiting(gate))
    def stalled = "no progress for more than 300ms at [$source-0@1]".toString()

    when:
    def said = logged(StallDetector) {
      produce([record('before', partition: 0), record('slow', partition: 0), record('after', partition: 0)])
      await(BOUND) { assert worker(running)?.trouble() == stalled }
      // The other partition's progress must not have it said again.
      (0..<10).each { i ->
        produce([record("v$i", partition: 1)])
        await(BOUND) { assert visible().contains("v$i".toString()) }
      }
    }

    then:
    said.count { it == "$name-test-0: $stalled".toString() } == 1
    worker(running).trouble().contains("$source-0@1")
    worker(running).state() == WorkerState.RUNNING
    !running.pipeline().status().ready

    when:
    gate.countDown()
    awaitDrained()

    then:
    await(BOUND) { assert running.pipeline().status().ready }
    visible().size() == 13
  }

  /** A user's interceptor may hang too, and with it the worker's own thread. */
  static class Hanging implements ConsumerInterceptor<byte[], byte[]> {
    static final CountDownLatch GATE = new CountDownLatch(1)

    ConsumerRecords<byte[], byte[]> onConsume(ConsumerRecords<byte[], byte[]> records) {
      GATE.await()
      records
    }

    void onCommit(Map offsets) {}

    void close() {}

    void configure(Map<String, ?> configs) {}
  }

  @Tag('long')
  def "F8: a worker whose own thread is held is named by its pipeline, with where it is held"() {
    given:
    def running = run(['stall-after': '2s', 'consumer.interceptor.classes': Hanging.name])
    await(BOUND) { assert running.pipeline().status().ready && worker(running).partitions().size() == 3 }

    when:
    def said = logged(WorkerSlot) {
      produce([record('a', partition: 0)])
      await(BOUND) { assert worker(running).trouble().startsWith('its poll loop has not run for more than 2000ms') }
    }

    then:
    !running.pipeline().status().ready
    def held = said.findAll { it.contains('Hanging') }
    held.size() == 1
    held[0].startsWith("$name-test-0: its poll loop has not run")

    when:
    Hanging.GATE.countDown()
    awaitDrained()

    then:
    await(BOUND) { assert running.pipeline().status().ready }
    visible() == ['a']
  }

  @Tag('long')
  def "a handler that is broken off by the end of stop-timeout has not failed: its record is read again (#delivery)"() {
    given: 'a drain that outlasts the stop, and an only attempt'
    def settings = [delivery: delivery, 'stop-timeout': '2s', 'drain-timeout': '20s', 'retry.attempts': '1']
    def interrupted = new CountDownLatch(1)
    def stubborn = { event ->
      if (event.value().startsWith('no')) return Outcome.deadLetter('refused')
      try {
        return waiting(new CountDownLatch(1)).handle(event)
      } catch (InterruptedException e) {
        interrupted.countDown()
        throw e
      }
    } as Handler<String>
    def running = run(settings, stubborn)

    and: 'producers that know the dead letters already, each of the two: another letter would not wait'
    def letters = { values(readCommitted("$name" + '.dead-letters')).toSorted() }
    (1..3).each { n ->
      produce([record("no$n", partition: 0)])
      await(BOUND) { assert letters().size() == n }
    }
    produce([record('slow', partition: 0)])
    await(BOUND) { assert 'slow' in calls }

    when:
    running.close()
    interrupted.await()
    run(settings, copy())
    awaitDrained()

    then:
    visible() == ['slow']
    letters() == ['no1', 'no2', 'no3']

    where:
    delivery << ['exactly-once', 'at-least-once']
  }

  /** Whoever interrupts the thread that is blocked here is held until another thread has ended. */
  @CompileStatic
  static class Holding extends AbstractInterruptibleChannel {
    volatile Thread until

    void block() {
      begin()
      new CountDownLatch(1).await() // without end(), which would wait for the interrupt to be over
    }

    @Override
    protected void implCloseChannel() {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20)
      while (until.alive && System.nanoTime() < deadline) {
        try {
          until.join(100)
        } catch (InterruptedException e) {
          // the pipeline's, which waits for its workers no longer
        }
      }
    }
  }

  @Tag('long')
  def "what breaks a handler off is no result, though the worker itself is not interrupted yet (#delivery)"() {
    given: 'a handler whose interrupt lasts until its worker has come to its own end'
    def settings = [delivery: delivery, 'guard.store': 'off', 'stop-timeout': '2s', 'drain-timeout': '20s', 'retry.attempts': '1']
    def holding = new Holding()
    def stubborn = { event ->
      calls << event.value()
      holding.block()
      Outcome.skip('never')
    } as Handler<String>
    def running = run(settings, stubborn)
    produce([record('slow', partition: 0)])
    await(BOUND) { assert 'slow' in calls }
    holding.until = Thread.allStackTraces.keySet().find { it.name == "$name-test-0".toString() }

    when:
    running.close()
    await(BOUND) { assert !holding.until.alive }
    run(settings, copy())
    awaitDrained()

    then:
    visible() == ['slow']
    readCommitted("$name" + '.dead-letters').empty

    where:
    delivery << ['exactly-once', 'at-least-once']
  }
}
