package io.exactlyonce.engine.transaction

import io.exactlyonce.config.PipelineConfig.Commits
import io.exactlyonce.engine.inflight.RecordResult
import io.exactlyonce.engine.inflight.Track
import io.exactlyonce.engine.spi.Sizes
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.TopicPartition
import spock.lang.Specification

import java.time.Duration
import java.util.concurrent.TimeUnit

class CommitPolicySpec extends Specification {

  static long ms(long millis) {
    TimeUnit.MILLISECONDS.toNanos(millis)
  }

  /** System.nanoTime may start anywhere, near its overflow too. */
  static final STARTS = [0L, -1L, Long.MAX_VALUE - ms(10), Long.MIN_VALUE]

  static CommitPolicy policy(long start) {
    new CommitPolicy(new Commits(Duration.ofMillis(100), Duration.ofMillis(20), 10, 1000, Duration.ofMillis(100), Duration.ofSeconds(30)), start)
  }

  static PendingTransaction transaction(int records, int bytes = 0) {
    def transaction = new PendingTransaction()
    def track = new Track(new TopicPartition('in', 0))
    track.rewind(0)
    records.times { transaction.add(track, it, it == 0 && bytes > 0 ? weighing(bytes, track) : RecordResult.SKIPPED) }
    transaction
  }

  /** A result whose output weighs so much. */
  static RecordResult weighing(int bytes, Track track) {
    def value = new byte[Math.max(0, bytes - Sizes.RECORD)]
    new RecordResult(RecordResult.Kind.PROCESSED, [new ProducerRecord('out', value)], track.partition, 0)
  }

  def "with nothing more waiting a transaction is due #since ms after the last hand-over: #due (start #start)"() {
    given:
    def policy = policy(start)
    policy.postHandOver(transaction(0), start)
    policy.postOpen(start)

    expect:
    policy.isDue(transaction(1), { false }, start + ms(since)) == due

    where:
    [since, start] << [[0, 19, 20, 21], STARTS].combinations()
    due = since >= 20
  }

  def "with more waiting a transaction is due #open ms after it opened: #due (start #start)"() {
    given:
    def policy = policy(start)
    policy.postHandOver(transaction(0), start)
    policy.postOpen(start + ms(5))

    expect:
    policy.isDue(transaction(1), { true }, start + ms(5 + open)) == due

    where:
    [open, start] << [[0, 20, 99, 100, 101], STARTS].combinations()
    due = open >= 100
  }

  def "the first transaction of a worker need not wait for the floor"() {
    expect:
    policy(7).isDue(transaction(1), { false }, 7)
  }

  def "#records records and #bytes bytes fill a transaction: #full"() {
    given:
    def policy = policy(0)
    policy.postHandOver(transaction(0), 0)

    expect:
    policy.isFull(transaction(records, bytes)) == full
    policy.isDue(transaction(records, bytes), { true }, 1) == full

    where:
    records | bytes || full
    0       | 0     || false
    9       | 999   || false
    10      | 0     || true
    1       | 1000  || true
    11      | 1001  || true
  }

  def "markers alone are committed once per interval: #since ms after the last hand-over #due (start #start)"() {
    given:
    def policy = policy(start)
    policy.postHandOver(transaction(0), start)

    expect:
    policy.isDueForMarkers(start + ms(since)) == due

    where:
    [since, start] << [[0, 20, 99, 100], STARTS].combinations()
    due = since >= 100
  }

  def "a transaction is overdue at three quarters of the broker's time, #open ms after it opened: #due (start #start)"() {
    given:
    def policy = policy(start)
    policy.postOpen(start + ms(5))

    expect:
    policy.isOverdue(start + ms(5 + open)) == due

    where:
    [open, start] << [[0, 22_499, 22_500, 30_000], STARTS].combinations()
    due = open >= 22_500
  }
}
