package io.exactlyonce.engine.handling

import io.exactlyonce.engine.inflight.RecordResult
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import spock.lang.Timeout

import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicInteger

import static io.exactlyonce.engine.Records.*


class LaneSpec extends LanedRecords {

  @Timeout(60)
  def "however many add, one record is handled at a time, in each adder's order, and none is left behind"() {
    given:
    def adders = 8
    def each = 500
    def inside = new AtomicInteger()
    def overlapped = new AtomicBoolean()
    def done = new CountDownLatch(adders * each)
    def lane = lane { event ->
      if (inside.incrementAndGet() > 1) {
        overlapped.set(true)
      }
      handled << event.value()
      inside.decrementAndGet()
      done.countDown()
      Outcome.skip('')
    }

    when:
    def threads = (0..<adders).collect { adder ->
      Thread.start { each.times { addAll(lane, polled("$adder:$it" as String)) } }
    }
    threads*.join()

    then:
    done.await(50, TimeUnit.SECONDS)
    !overlapped.get()
    def perAdder = handled.groupBy { it.tokenize(':')[0] }
    perAdder.size() == adders
    perAdder.every { adder, values -> values == (0..<each).collect { "$adder:$it" as String } }
  }

  def "a record that is tried again keeps its place: nothing behind it is handled before"() {
    given:
    def left = new AtomicInteger(2)
    def lane = lane { event ->
      handled << event.value()
      if (event.value() == 'b' && left.getAndDecrement() > 0) {
        throw new IllegalStateException('again')
      }
      Outcome.skip('')
    }
    def one = polled('a', 'b', 'c')
    def two = polled('d')

    when:
    [one, two].each { addAll(lane, it) }

    then:
    awaitResult(two, 0) == RecordResult.SKIPPED
    handled as List == ['a', 'b', 'b', 'b', 'c', 'd']
    (0..2).every { one.result(it) == RecordResult.SKIPPED }
  }

  def "the attempts of one record do not count for the next"() {
    given:
    def seen = [:].withDefault { 0 }
    def lane = lane { event ->
      if (++seen[event.value()] < 3) {
        throw new IllegalStateException('again')
      }
      Outcome.skip('')
    }
    def polled = polled('a', 'b', 'c')

    when:
    addAll(lane, polled)

    then:
    awaitResult(polled, 2) == RecordResult.SKIPPED
    seen == [a: 3, b: 3, c: 3]
    (0..2).every { polled.result(it) == RecordResult.SKIPPED }
  }

  def "a record that throws at every attempt becomes a dead letter, and the next is handled"() {
    given:
    def lane = lane(retry(2)) { event ->
      handled << event.value()
      if (event.value() == 'a') {
        throw new IllegalStateException('always')
      }
      Outcome.skip('')
    }
    def polled = polled('a', 'b')

    when:
    addAll(lane, polled)

    then:
    awaitResult(polled, 1) == RecordResult.SKIPPED
    polled.result(0).kind == RecordResult.Kind.DEAD_LETTER
    handled as List == ['a', 'a', 'b']
  }

  def "once records are closed the handler that runs may finish, and none begins"() {
    given:
    def began = new CountDownLatch(1)
    def go = new CountDownLatch(1)
    def lane = lane { event ->
      handled << event.value()
      if (event.value() == 'a') {
        began.countDown()
        go.await()
      }
      Outcome.skip('')
    }
    def closing = polled('a', 'b')
    def next = polled('c')

    when:
    addAll(lane, closing)
    began.await()
    closing.close()

    then:
    closing.running

    when:
    go.countDown()
    addAll(lane, next)

    then:
    awaitResult(next, 0) == RecordResult.SKIPPED
    handled as List == ['a', 'c']
    closing.result(0) == RecordResult.SKIPPED
    closing.result(1) == null
    !closing.running
  }

  @Timeout(30)
  def "the worker is told when a piece of work is done"() {
    given:
    def lane = lane { Outcome.skip('') }
    def polled = polled('a')

    when:
    addAll(lane, polled)
    while (polled.result(0) == null) {
      signal.await(TimeUnit.MINUTES.toNanos(10))
    }

    then:
    polled.result(0) == RecordResult.SKIPPED
  }

  def "an Error that no rule names does not end the lane"() {
    given:
    def quiet = Executors.newFixedThreadPool(1) { task ->
      def thread = new Thread(task)
      thread.uncaughtExceptionHandler = { t, e -> }
      thread
    }
    def lane = new Lane(processor({ event ->
      if (event.value() == 'a') {
        throw new Error('unheard of')
      }
      Outcome.skip('')
    } as Handler<String>), quiet, timer, signal)
    def polled = polled('a', 'b')

    when:
    addAll(lane, polled)
    def done = new CountDownLatch(1)
    timer.schedule({ done.countDown() }, 500, TimeUnit.MILLISECONDS)
    done.await()

    then:
    polled.result(1) == RecordResult.SKIPPED

    cleanup:
    quiet.shutdownNow()
  }

  @Timeout(60)
  def "what is added once the executor is shut down is dropped, and nobody gets an exception"() {
    given:
    def lane = lane { Outcome.skip('handled') }
    handlers.shutdownNow()
    def first = polled(0, 'a')

    when:
    addAll(lane, first)
    addAll(lane, polled(1, 'b'))

    then:
    noExceptionThrown()
    first.result(0) == null
  }

  @Timeout(60)
  def "a record that would wait for its next attempt while the pool closes stays held, and no thread dies of it"() {
    given:
    def died = new ConcurrentLinkedQueue<Throwable>()
    def attempts = new AtomicInteger()
    def own = Executors.newSingleThreadExecutor { task ->
      new Thread(task).tap { it.uncaughtExceptionHandler = { thread, thrown -> died << thrown } }
    }
    def lane = new Lane(processor({ attempts.incrementAndGet(); throw new IllegalStateException('down') } as Handler<String>, retry()), own, timer, signal)
    timer.shutdownNow()
    def failing = polled(0, 'a')

    when:
    addAll(lane, failing)
    own.shutdown()

    then:
    own.awaitTermination(20, TimeUnit.SECONDS)
    attempts.get() == 1
    failing.result(0).parked
    died.empty
  }
}
