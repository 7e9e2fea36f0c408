package io.exactlyonce.engine.handling

import io.exactlyonce.config.value.Ordering
import io.exactlyonce.engine.inflight.RecordResult
import io.exactlyonce.engine.inflight.Track
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import org.apache.kafka.common.TopicPartition

import java.util.concurrent.CountDownLatch

import static io.exactlyonce.engine.Records.*

/** Which records share a lane. */
class LanesSpec extends LanedRecords {

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
}
