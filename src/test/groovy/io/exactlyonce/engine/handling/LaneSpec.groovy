package io.exactlyonce.engine.handling

import io.exactlyonce.config.value.Ordering
import io.exactlyonce.engine.inflight.PolledRecords
import io.exactlyonce.engine.inflight.RecordResult
import io.exactlyonce.engine.inflight.Signal
import io.exactlyonce.engine.inflight.Track
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.local.Await
import org.apache.kafka.common.TopicPartition
import spock.lang.Specification
import spock.lang.Timeout

import java.time.Duration
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicInteger

import static io.exactlyonce.engine.Records.*

class LaneSpec extends Specification {

  def handlers = Executors.newFixedThreadPool(4)
  def timer = Executors.newSingleThreadScheduledExecutor()
  def signal = new Signal()
  def handled = new ConcurrentLinkedQueue<String>()

  def cleanup() {
    [handlers, timer].each { it.shutdownNow() }
  }

  Lane lane(RetryPolicy retry = retry(), Closure<Outcome> handler) {
    new Lane(processor(handler as Handler<String>, retry), handlers, timer, signal)
  }

  static void addAll(Lane lane, PolledRecords polled) {
    lane.add(new Lane.Work(polled, 0, polled.size()))
  }

  static RecordResult awaitResult(PolledRecords polled, int index) {
    def end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20)
    while ((polled.result(index) == null || polled.result(index).parked) && System.nanoTime() < end) {
      Thread.onSpinWait()
    }
    polled.result(index)
  }

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

  def "a record that waits ten minutes for its next attempt is not running, and frees its lane once its poll is #how"() {
    given:
    def threw = new CountDownLatch(1)
    def processor = processor({ event ->
      handled << event.value()
      if (event.value() == 'a') {
        threw.countDown()
        throw new IllegalStateException('again')
      }
      Outcome.skip('')
    } as Handler<String>, retry(3, Duration.ofMinutes(10)))
    def lane = new Lane(processor, handlers, timer, signal)
    def closing = polled('a', 'b')
    def next = polled('c')

    when:
    addAll(lane, closing)
    threw.await()
    act(closing)
    processor.failures().parkedRecords().releaseClosed()
    addAll(lane, next)

    then:
    awaitResult(next, 0) == RecordResult.SKIPPED
    handled as List == ['a', 'c']
    closing.result(0).parked

    and: 'the thread that left it may be on its way out still'
    Await.within(Duration.ofSeconds(10)) { !closing.running }

    where:
    how       | act
    'closed'  | { it.close() }
    'dropped' | { it.drop() }
  }

  def "a record that fails after its poll was closed does not wait: nobody would come to end it"() {
    given:
    def began = new CountDownLatch(1)
    def go = new CountDownLatch(1)
    def processor = processor({ event ->
      if (event.value() == 'a') {
        began.countDown()
        go.await()
        throw new IllegalStateException('again')
      }
      Outcome.skip('')
    } as Handler<String>, retry(3, Duration.ofMinutes(10)))
    def lane = new Lane(processor, handlers, timer, signal)
    def closing = polled('a')
    def next = polled('c')

    when:
    addAll(lane, closing)
    began.await()
    closing.close()
    processor.failures().parkedRecords().releaseClosed()
    go.countDown()
    addAll(lane, next)

    then:
    awaitResult(next, 0) == RecordResult.SKIPPED
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

  def "ordering #ordering: while one record is handled, the next of its key waits: #waits; one of another key waits: #othersWait"() {
    given:
    def go = new CountDownLatch(1)
    def began = new CountDownLatch(1)
    def processor = processor({ event ->
      handled << event.value()
      if (event.value() == 'first') {
        began.countDown()
        go.await()
      }
      Outcome.skip('')
    } as Handler<String>)
    def lanes = new Lanes(ordering, { new Lane(processor, handlers, timer, signal) })
    def track = new Track(new TopicPartition('in', 3))
    def polled = admitted([record(0, 'x', 'first'), record(1, 'x', 'same'), record(2, 'y', 'other')])

    when:
    lanes.dispatch(track, polled)
    began.await()
    if (!waits) {
      awaitResult(polled, 1)
    }
    if (!othersWait) {
      awaitResult(polled, 2)
    }
    def meanwhile = [1, 2].collect { polled.result(it) == null }
    go.countDown()

    then:
    meanwhile == [waits, othersWait]
    (0..2).every { awaitResult(polled, it) == RecordResult.SKIPPED }

    where:
    ordering           || waits | othersWait
    Ordering.PARTITION || true  | true
    Ordering.KEY       || true  | false
    Ordering.NONE      || false | false
  }

  def "with ordering key a standing record holds back none of ten thousand other keys, and idle lanes are let go"() {
    given:
    def go = new CountDownLatch(1)
    def processor = processor({ event ->
      if (event.value() == 'first') go.await()
      Outcome.skip('')
    } as Handler<String>)
    def lanes = new Lanes(Ordering.KEY, { new Lane(processor, handlers, timer, signal) })
    def track = new Track(new TopicPartition('in', 3))
    def first = admitted([record(0, 'x', 'first')])

    when:
    lanes.dispatch(track, first)
    def others = (0..<100).collect { round ->
      def polled = admitted((0..<100).collect { record(1 + round * 100 + it, "k$round-$it".toString(), 'v') })
      lanes.dispatch(track, polled)
      (0..<100).each { awaitResult(polled, it) }
      polled
    }

    then:
    others.every { polled -> (0..<100).every { polled.result(it) == RecordResult.SKIPPED } }
    first.result(0) == null
    lanes.size() < 8_300

    when:
    go.countDown()

    then:
    awaitResult(first, 0) == RecordResult.SKIPPED
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
