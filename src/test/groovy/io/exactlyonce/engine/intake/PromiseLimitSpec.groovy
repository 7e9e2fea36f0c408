package io.exactlyonce.engine.intake

import io.exactlyonce.engine.Records
import io.exactlyonce.engine.inflight.PolledRecords
import io.exactlyonce.engine.inflight.RecordResult
import io.exactlyonce.engine.inflight.Track
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.common.TopicPartition
import spock.lang.Specification

import java.time.Duration

/** What is taken in at-most-once is what handlers finish in a part of drain-timeout, at the rate that they show. */
class PromiseLimitSpec extends Specification {

  static final Duration DRAIN = Duration.ofSeconds(10)

  long now = 0
  long offset = 0
  List<PolledRecords> open = []
  Track track = new Track(new TopicPartition('in', 0))
  Track other = new Track(new TopicPartition('in', 1))

  /** Takes in what fits, and finishes it one by one, each after so long; for so many records. */
  void handle(PromiseLimit limit, int records, Duration each, Track of = track) {
    records.times {
      take(limit, of)
      finish(of)
      now += each.toNanos()
      limit.measure([track, other], now)
    }
  }

  int take(PromiseLimit limit, Track of) {
    int fits = limit.isOpenFor(of.partition) ? Math.min(2_000, limit.fits(of.partition)) : 0
    if (fits > 0) {
      def polled = Records.polledOf((0..<fits).collect { new ConsumerRecord<byte[], byte[]>('in', of.partition.partition(), offset++, null, null) })
      of.append(polled)
      limit.take(polled, now)
    }
    fits
  }

  static void finish(Track of) {
    def polled = of.unsent.find { it.unfinished() > 0 }
    polled.finish(polled.size() - polled.unfinished(), RecordResult.SKIPPED)
  }

  static int unfinished(Track of) {
    of.unsent.sum(0) { it.unfinished() }
  }

  def "handlers of #millis ms, #handlers at once: after a while #least to #most are taken in"() {
    given:
    def limit = new PromiseLimit({ handlers }, DRAIN, now)

    expect: 'two for each at first'
    take(limit, track) == 2 * handlers

    when:
    handle(limit, count, Duration.ofNanos((millis * 1_000_000L).intdiv(handlers)))

    then:
    limit.allowed() >= least
    limit.allowed() <= most

    where:
    millis | handlers | count || least | most
    20     | 1        | 300   || 90    | 100
    1      | 1        | 9_000 || 1_900 | 2_000
    500    | 1        | 30    || 3     | 4
    3_000  | 1        | 10    || 1     | 1
    3_000  | 3        | 10    || 3     | 3
    20     | 4        | 900   || 180   | 200
  }

  def "when they slow down, less is taken in within the first few records"() {
    given:
    def limit = new PromiseLimit({ 1 }, DRAIN, now)
    handle(limit, 9_000, Duration.ofMillis(1))

    when:
    handle(limit, 6, Duration.ofSeconds(1))

    then:
    limit.allowed() <= 3
  }

  def "a partition that stands counts against the others until drain-timeout has passed, and against itself for good"() {
    given:
    def limit = new PromiseLimit({ 2 }, DRAIN, now)
    take(limit, track)

    expect:
    limit.fits(other.partition) == 0
    !limit.isOpenFor(other.partition)

    when:
    now += DRAIN.toNanos() + 1
    limit.measure([track, other], now)

    then:
    limit.fits(other.partition) == limit.allowed()
    limit.isOpenFor(other.partition)
    limit.fits(track.partition) == 0
    !limit.isOpenFor(track.partition)
  }

  def "after a failure, and for partitions that are gone, nothing is counted"() {
    given:
    def limit = new PromiseLimit({ 2 }, DRAIN, now)
    handle(limit, 500, Duration.ofMillis(1))
    take(limit, track)

    when:
    limit.measure([other], now)

    then:
    limit.fits(other.partition) == limit.allowed()

    when:
    limit.reset()

    then:
    limit.allowed() == 4
    limit.fits(track.partition) == 4
  }

  def "other deliveries have no such limit"() {
    expect:
    PromiseLimit.none().with {
      measure([track], 1)
      reset()
      isOpenFor(track.partition) && fits(track.partition) == Integer.MAX_VALUE
    }
  }
}
