package io.exactlyonce.engine.worker

import io.exactlyonce.config.PipelineConfig.Bounds
import io.exactlyonce.config.value.OnGuardFailure
import io.exactlyonce.config.value.OnMissingId
import io.exactlyonce.config.value.Ordering
import io.exactlyonce.engine.Records
import io.exactlyonce.engine.handling.Lanes
import io.exactlyonce.engine.handling.RetryTopics
import io.exactlyonce.engine.inflight.Signal
import io.exactlyonce.engine.inflight.Track
import io.exactlyonce.engine.intake.Admission
import io.exactlyonce.engine.intake.BackPressure
import io.exactlyonce.engine.intake.ClaimQueue
import io.exactlyonce.engine.intake.InFlightBudget
import io.exactlyonce.engine.intake.Intake
import io.exactlyonce.engine.intake.PromiseLimit
import io.exactlyonce.engine.intake.RateLimit
import io.exactlyonce.engine.intake.TopicCheck
import io.exactlyonce.engine.spi.Sizes
import io.exactlyonce.engine.status.PipelineCounters
import io.exactlyonce.eventid.EventIds
import io.exactlyonce.guard.Guard
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.clients.consumer.ConsumerRecords
import org.apache.kafka.clients.consumer.MockConsumer
import org.apache.kafka.common.TopicPartition
import spock.lang.Specification

import java.time.Duration
import java.util.concurrent.CompletableFuture

import static io.exactlyonce.engine.Records.record

/** Claims that do not come, so that all that was polled waits; a consumer in memory counts its polls. */
class PollingSpec extends Specification {

  static class Counted extends MockConsumer<byte[], byte[]> {
    int polls

    Counted() {
      super('none')
    }

    @Override
    synchronized ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
      polls++
      super.poll(timeout)
    }
  }

  def partition = new TopicPartition('in', 3)
  def consumer = new Counted()
  def tracks = Records.tracks()
  def guard = Stub(Guard) { claim(_) >> { new CompletableFuture<BitSet>() } }
  def budget = new InFlightBudget(new Bounds(1_000_000, 1L << 30, 0, 0, 0), 10_000)
  def rate = new RateLimit(0, System.nanoTime())
  def signal = new Signal()
  def intake = new Intake('g', tracks, new BackPressure(consumer, budget, rate, PromiseLimit.none(), RetryTopics.none(), Sizes::of),
      new Admission(EventIds.of(['key'], { null }), true, OnMissingId.DEAD_LETTER),
      new ClaimQueue(guard, new TopicCheck('g', { CompletableFuture.completedFuture(null) }, signal), OnGuardFailure.WAIT, signal, new PipelineCounters()),
      new Lanes(Ordering.KEY, { null }), new PipelineCounters())
  def polling = new Polling(consumer, new Recovery(), tracks, intake, null, rate)
  long next = 0

  def setup() {
    def track = new Track(partition)
    track.rewind(0)
    tracks.put(track)
    consumer.assign([partition])
    consumer.updateBeginningOffsets([(partition): 0L])
    consumer.seek(partition, 0)
    take(1) // something waits from here on, so no poll waits
  }

  List<ConsumerRecord<byte[], byte[]>> more(int records) {
    (0..<records).collect { record(next, "k${next++}", 'v') }
  }

  void take(int records) {
    intake.accept(new ConsumerRecords([(partition): more(records)], [:]), System.nanoTime())
  }

  /** Calls in a row until the time is over; a busy machine makes them fewer, the time does not change. */
  int pollsFor(Duration time) {
    def before = consumer.polls
    def end = System.nanoTime() + time.toNanos()
    while (System.nanoTime() < end) {
      polling.maybePoll()
    }
    consumer.polls - before
  }

  def "a poll that brought little is not followed by another at once"() {
    given:
    more(3).each { consumer.addRecord(it) }
    consumer.seek(partition, next - 3)

    when:
    def at = System.nanoTime()
    def brought = polling.maybePoll().count()
    while (consumer.polls == 1) {
      polling.maybePoll()
    }

    then:
    brought == 3
    System.nanoTime() - at >= PollPacing.GAP_NANOS
  }

  def "what would wait behind the claims of sixteen polls is not polled, but the consumer is, now and then"() {
    when: 'fifteen polls wait'
    14.times { take(600) }

    then:
    pollsFor(Duration.ofMillis(300)) > 7

    when: 'sixteen'
    take(600)

    then:
    pollsFor(Duration.ofMillis(220)) in 1..5

    when: 'all of it was given up'
    intake.clear()
    take(1)

    then:
    pollsFor(Duration.ofMillis(300)) > 7
  }
}
