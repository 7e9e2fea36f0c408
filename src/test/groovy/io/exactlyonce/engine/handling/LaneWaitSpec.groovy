package io.exactlyonce.engine.handling

import io.exactlyonce.engine.inflight.RecordResult
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.local.Await

import java.time.Duration
import java.util.concurrent.CountDownLatch

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
}
