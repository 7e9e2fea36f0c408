package io.exactlyonce.engine.transaction

import io.exactlyonce.config.PipelineConfig.Commits
import io.exactlyonce.engine.Records
import io.exactlyonce.engine.failure.Reaction
import io.exactlyonce.engine.failure.TransactionFailure
import io.exactlyonce.engine.inflight.RecordResult
import io.exactlyonce.engine.inflight.Signal
import io.exactlyonce.engine.inflight.Track
import io.exactlyonce.engine.inflight.Tracks
import io.exactlyonce.engine.inflight.TransactionRefusals
import io.exactlyonce.engine.status.PipelineCounters
import io.exactlyonce.guard.Guard
import io.exactlyonce.local.BackendsSpec
import org.apache.kafka.clients.consumer.KafkaConsumer
import org.apache.kafka.clients.consumer.MockConsumer
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.serialization.ByteArrayDeserializer
import org.apache.kafka.common.serialization.ByteArraySerializer
import spock.lang.AutoCleanup

import java.time.Clock
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CountDownLatch
import java.util.concurrent.atomic.LongAdder

import static io.exactlyonce.engine.Records.polled

/** Two transactions under way on a real broker, with a commit that takes as long as the spec wants. */
class TransactionsSpec extends BackendsSpec {

  static final Duration BOUND = Duration.ofSeconds(30)
  static final Duration TIMEOUT = Duration.ofSeconds(20)
  static final Duration TARGET = Duration.ofMillis(100)

  String name = unique('t')
  String sink = "$name-out"

  @AutoCleanup('countDown')
  CountDownLatch may = new CountDownLatch(1)

  /** Its commits wait, for the spec or for being closed. */
  class Slow extends KafkaProducer<byte[], byte[]> {
    Slow(Map<String, Object> settings) {
      super(settings, new ByteArraySerializer(), new ByteArraySerializer())
    }

    @Override
    void commitTransaction() {
      may.await()
      super.commitTransaction()
    }

    @Override
    void close(Duration timeout) {
      super.close(timeout)
      may.countDown()
    }
  }

  @AutoCleanup
  def consumer = new KafkaConsumer<byte[], byte[]>(
      ['bootstrap.servers': bootstrapServers, 'group.id': name, 'max.poll.records': 1], new ByteArrayDeserializer(), new ByteArrayDeserializer())

  @AutoCleanup
  def session = new ExactlyOnceSession(
      producer('a'), producer('b'), new ReceiptWriter("$name-receipts", 'w', Clock.systemUTC()), new Signal(), { CompletableFuture.completedFuture(null) })

  Tracks tracks = Records.tracks()
  /** Of a topic that is there: offsets of one that is not are asked for again and again. */
  Track track = new Track(new TopicPartition(sink, 0))
  CommitPolicy policy = new CommitPolicy(new Commits(Duration.ofMillis(100), Duration.ofMillis(20), 5_000, 1_000_000, TARGET, TIMEOUT), 0)
  def transactions = new Transactions(
      consumer, tracks, Guard.off(), session, policy, new PipelineCounters(), Clock.systemUTC())

  TransactionalProducer producer(String side) {
    new TransactionalProducer("$name-$side", { new Slow(settings(side)) }, BOUND, new LongAdder())
  }

  Map<String, Object> settings(String side) {
    ['bootstrap.servers': bootstrapServers, 'transactional.id': "$name-$side".toString(),
     'transaction.timeout.ms': (int) TIMEOUT.toMillis()]
  }

  def setup() {
    createTopic(sink, 1)
    createTopic("$name-receipts", 1)
    track.rewind(0)
    tracks.put(track)
    session.recover(Reaction.REBUILD_PRODUCERS)
  }

  /** A record that a handler has finished, with one output. */
  void finished(Track track = this.track, long offset) {
    def polled = polled(offset, "v$offset")
    def output = new ProducerRecord<byte[], byte[]>(sink, 0, null, "v$offset".bytes)
    polled.finish(0, new RecordResult(RecordResult.Kind.PROCESSED, [output], polled.partition, polled.offset(0)))
    track.append(polled)
  }

  /** One transaction is committing, and one is open since {@code now}. */
  void overlap(long now) {
    finished(0)
    assert transactions.sendPrefixes(now)
    assert transactions.commitAll(now)
    finished(1)
    await(BOUND) { assert transactions.sendPrefixes(now) }
  }

  def "a transaction that waits for the last one's commit is dropped before the broker's time-out can abort it"() {
    given:
    long opened = 5_000_000_000
    overlap(opened)

    when:
    transactions.maybeCommit(opened + TIMEOUT.toNanos().intdiv(4) * 3 - 1)

    then:
    noExceptionThrown()

    when:
    transactions.maybeCommit(opened + TIMEOUT.toNanos().intdiv(4) * 3)

    then:
    def failure = thrown(TransactionFailure)
    failure.reaction() == Reaction.ABORT_AND_REWIND

    when: 'as the worker does'
    transactions.discard()
    session.recover(failure.reaction())
    track.rewind(0)
    finished(0)
    transactions.sendPrefixes(opened)
    def sealed = new PendingTransaction.Sealed([:], consumer.groupMetadata(), [], new TreeMap<String, Integer>(), [], '', new TransactionRefusals())

    then: 'both ids are good for the next, and nothing of the dropped one is ever seen'
    session.commit(sealed).get() instanceof CommitResult.Committed
    !readCommitted(sink).any { new String(it.value()) == 'v1' }
  }

  def "past the floor a transaction of three records waits for #moving that are being handled: #waits"() {
    given:
    consumer.assign([track.partition])
    def three = polled(0, 'a', 'b', 'c')
    3.times { three.finish(it, RecordResult.SKIPPED) }
    track.append(three)
    track.append(polled(3, (['v'] * moving) as String[]))

    when:
    transactions.sendPrefixes(0)
    transactions.maybeCommit(50_000_000)

    then:
    track.sent() == 3
    transactions.isCommitting() == !waits

    where:
    moving || waits
    1      || false
    2      || false
    3      || true
    900    || true
  }

  def "of a poll of six, of which three were sent, the other three are waited for, not six"() {
    given:
    consumer.assign([track.partition])
    def six = polled(0, 'a', 'b', 'c', 'd', 'e', 'f')
    (0..<finished).each { six.finish(it, RecordResult.SKIPPED) }
    track.append(six)

    when:
    transactions.sendPrefixes(0)
    transactions.maybeCommit(50_000_000)

    then:
    track.sent() == finished
    transactions.isCommitting() == !waits

    where:
    finished || waits
    3        || true
    4        || false
  }

  def "past the floor a transaction of five waits for the #behind that stand behind the last polled: #waits (paused: #paused)"() {
    given:
    kafka.produce((0..<(1 + behind)).collect { new ProducerRecord<byte[], byte[]>(sink, 0, null, 'x'.bytes) })
    consumer.assign([track.partition])
    consumer.seekToBeginning([track.partition])
    await(BOUND) { assert !consumer.poll(Duration.ofMillis(100)).isEmpty() }
    def five = polled(0, 'a', 'b', 'c', 'd', 'e')
    5.times { five.finish(it, RecordResult.SKIPPED) }
    track.append(five)
    track.paused(paused)

    when:
    transactions.sendPrefixes(0)
    transactions.maybeCommit(50_000_000)

    then:
    transactions.isCommitting() == !waits

    where:
    behind | paused || waits
    4      | false  || false
    5      | false  || true
    5      | true   || false
  }

  def "2,000 records that were written after #written ms and committed after #committed leave room for #most in the next"() {
    given:
    handled(0)
    transactions.sendPrefixes(0)
    transactions.commitAll(0)
    await(BOUND) { assert session.maySend() }

    when:
    transactions.sendPrefixes(written * 1_000_000L)
    may.countDown()
    await(BOUND) { assert transactions.maybeTakeResult(committed * 1_000_000L) }
    handled(2_000)
    handled(4_000)
    transactions.sendPrefixes(0)

    then:
    track.sent() == 2_000 + most
    transactions.isFull() == full

    where:
    written | committed || most  | full
    200     | 201       || 1_000 | true
    125     | 126       || 1_600 | true
    40      | 400       || 4_000 | false // what the commit itself takes is not cut by size
  }

  /** Records that a handler has finished, without outputs. */
  void handled(long from) {
    def polled = polled(from, (['v'] * 2_000) as String[])
    2_000.times { polled.finish(it, RecordResult.SKIPPED) }
    track.append(polled)
  }

  def "what the group refused is sent again as it was; a fence that comes in between is not lost"() {
    given:
    may.countDown()
    finished(0)
    transactions.sendPrefixes(0)
    def sealed = new PendingTransaction.Sealed([(new TopicPartition(sink, 0)): track.offset(1)],
        new MockConsumer<byte[], byte[]>('none').groupMetadata(), [], new TreeMap<String, Integer>(), [], '', new TransactionRefusals())

    expect: 'the generation of a consumer that the broker does not know'
    session.commit(sealed).get() instanceof CommitResult.Refused

    when:
    if (fenced) {
      def thief = new Slow(settings('a'))
      thief.initTransactions()
      thief.close()
    }
    def failure = trouble { session.abort() }

    then:
    (failure?.reaction() == Reaction.REBUILD_PRODUCERS) == fenced

    when:
    track.takeBack()

    then:
    track.firstUnsent() == 0
    fenced || transactions.sendPrefixes(0)

    where:
    fenced << [false, true]
  }

  TransactionFailure trouble(Closure steps) {
    try {
      steps()
      null
    } catch (TransactionFailure e) {
      e
    }
  }

  def "partitions whose backlog fills every transaction leave each other a turn"() {
    given: 'three, each with more at hand than the 500 records that a transaction takes'
    may.countDown()
    createTopic("$name-in", 3)
    def backlogs = (0..2).collect { new Track(new TopicPartition("$name-in", it)) }
    def many = Records.tracks()
    backlogs.each { it.rewind(0); many.put(it) }
    def limit = new CommitPolicy(new Commits(Duration.ofMillis(100), Duration.ofMillis(20), 500, 1_000_000, TARGET, TIMEOUT), 0)
    def filling = new Transactions(
        consumer, many, Guard.off(), session, limit, new PipelineCounters(), Clock.systemUTC())
    def ends = [0L, 0L, 0L]
    def refill = {
      backlogs.eachWithIndex { backlog, i -> while (ends[i] - backlog.sent() < 1_000) finished(backlog, ends[i]++) }
    }

    when: 'as many transactions are handed over as there are partitions'
    3.times {
      refill()
      await(BOUND) {
        filling.maybeTakeResult(System.nanoTime())
        filling.sendPrefixes(System.nanoTime())
        assert filling.isFull() && filling.commitAll(System.nanoTime())
      }
    }

    then:
    backlogs*.sent() == [500L, 500L, 500L]
  }
}
