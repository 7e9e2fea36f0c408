package io.exactlyonce.engine.handling

import io.exactlyonce.engine.inflight.RecordResult
import io.exactlyonce.engine.spi.Backend
import io.exactlyonce.engine.spi.InputCodec
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.local.Await
import org.apache.kafka.common.TopicPartition

import java.time.Duration
import java.util.concurrent.CountDownLatch
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicInteger

import static io.exactlyonce.engine.Records.*

/** Records that wait in a lane for another attempt, and what lanes do meanwhile. */
class LaneWaitSpec extends LanedRecords {

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
    processor.failures().remembered().parked().releaseClosed()
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
    processor.failures().remembered().parked().releaseClosed()
    go.countDown()
    addAll(lane, next)

    then:
    awaitResult(next, 0) == RecordResult.SKIPPED
  }

  def "a record whose codec asks what is away is handled when that is there: no attempt is counted, and others wait behind it"() {
    given:
    def isAway = new AtomicBoolean(true)
    def asked = new AtomicInteger()
    def processor = processor({ event -> handled << event.value(); Outcome.skip('') } as Handler<String>, retry(1), 1 << 20, {
      def value = new String(it.value())
      if (value == 'a') {
        asked.incrementAndGet()
        if (isAway.get()) throw new Backend.UnreachableException('the registry is away', null)
      }
      value
    } as InputCodec<String>)
    def parked = processor.failures().remembered().parked()
    def here = [new TopicPartition('in', 3)]
    def polled = polled('a', 'b')

    when:
    addAll(new Lane(processor, handlers, timer, signal), polled)

    then:
    Await.within(Duration.ofSeconds(10)) { asked.get() > 3 }
    parked.awaited(here) == 'in-3@0 waits: the registry is away'
    parked.awaited([new TopicPartition('in', 4)]) == ''
    handled.empty

    when:
    isAway.set(false)

    then:
    awaitResult(polled, 1) == RecordResult.SKIPPED
    handled as List == ['a', 'b']
    parked.awaited(here) == ''
    processor.counters().retries.sum() == 0
  }

  def "what a record waited for is forgotten when its partition is let go"() {
    given:
    def processor = processor({ Outcome.skip('') } as Handler<String>, retry(1), 1 << 20,
        { throw new Backend.UnreachableException('the registry is away', null) } as InputCodec<String>)
    def parked = processor.failures().remembered().parked()
    def here = [new TopicPartition('in', 3)]
    def polled = polled('a')
    addAll(new Lane(processor, handlers, timer, signal), polled)
    assert Await.within(Duration.ofSeconds(10)) { parked.awaited(here) != '' }

    when:
    polled.close()
    parked.forgetBelow(here[0], 1)

    then:
    Await.within(Duration.ofSeconds(10)) { !polled.running }
    parked.awaited(here) == ''
  }
}
