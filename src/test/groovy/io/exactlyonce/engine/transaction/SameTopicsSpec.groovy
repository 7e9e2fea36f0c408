package io.exactlyonce.engine.transaction

import io.exactlyonce.engine.failure.Reaction
import io.exactlyonce.engine.failure.TransactionFailure
import io.exactlyonce.engine.inflight.RecordResult
import io.exactlyonce.engine.inflight.Signal
import io.exactlyonce.engine.inflight.Track
import io.exactlyonce.engine.topic.SameTopics
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata
import org.apache.kafka.clients.consumer.MockConsumer
import org.apache.kafka.clients.producer.MockProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.Uuid
import org.apache.kafka.common.errors.UnknownTopicIdException
import org.apache.kafka.common.serialization.ByteArraySerializer
import spock.lang.AutoCleanup
import spock.lang.Specification
import spock.lang.Timeout

import java.time.Clock
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.LongAdder

/**
 * Offsets are committed only of topics that are still those that were read. The clients are Kafka's
 * own in-memory ones: a topic that is made anew between a send and its commit is not to be had from
 * a broker as often as a spec runs.
 */
class SameTopicsSpec extends Specification {

  static final Uuid ID = Uuid.randomUuid()
  static final TopicPartition PARTITION = new TopicPartition('in', 0)

  /** What the broker is asked, and what it says. */
  List<Collection<Uuid>> asked = []
  CompletableFuture<Void> answer = new CompletableFuture<>()
  SameTopics broker = { ids ->
    asked << ids
    answer
  }

  List<MockProducer<byte[], byte[]>> producers = []
  MockConsumer<byte[], byte[]> consumer = new MockConsumer<>('none')
  @AutoCleanup
  TransactionSession session

  MockProducer<byte[], byte[]> producer() {
    producers << new MockProducer<byte[], byte[]>(true, null, new ByteArraySerializer(), new ByteArraySerializer())
    producers.last()
  }

  TransactionalProducer transactional(String id) {
    new TransactionalProducer(id, { producer() }, Duration.ofSeconds(30), new LongAdder())
  }

  TransactionSession open(String delivery) {
    def receipts = new ReceiptWriter('receipts', 'w', Clock.systemUTC())
    consumer.assign([PARTITION])
    session = switch (delivery) {
      case 'exactly-once' -> new ExactlyOnceSession(transactional('a'), transactional('b'), receipts, new Signal(), broker)
      default -> new PlainSession(delivery == 'at-most-once', new PlainProducer({ producer() }), { consumer }, receipts, broker)
    }
    session.recover(Reaction.REBUILD_PRODUCERS)
    session
  }

  static Track track() {
    def track = new Track(PARTITION)
    track.topicId(ID)
    track.rewind(4)
    track
  }

  static PendingTransaction.Sealed sealed() {
    def track = track()
    def transaction = new PendingTransaction()
    transaction.add(track, 4, new RecordResult(RecordResult.Kind.PROCESSED, [], null, 0))
    track.sentTo(5)
    transaction.seal(new ConsumerGroupMetadata('g', 5, 'member', Optional.empty()), '')
  }

  List committed() {
    producers.collectMany { it.consumerGroupOffsetsHistory() } + consumer.committed([PARTITION] as Set).values().findAll { it }
  }

  @Timeout(20)
  def "#delivery: a transaction with records of a topic that is gone does not commit"() {
    given:
    open(delivery)
    answer.completeExceptionally(new UnknownTopicIdException('gone'))

    when:
    session.send(new ProducerRecord<>('sink', 'a'.bytes, 'a'.bytes), null)
    def result = session.commit(sealed()).get(10, TimeUnit.SECONDS)

    then:
    asked == [[ID]]
    (result as CommitResult.NotCommitted).failure().reaction() == Reaction.ABORT_AND_REWIND
    committed() == []
    producers.every { it.commitCount() == 0 }

    where:
    delivery << ['exactly-once', 'at-least-once']
  }

  @Timeout(20)
  def "offsets wait for the broker's word on their topics, outputs do not"() {
    given:
    open('exactly-once')

    when:
    session.send(new ProducerRecord<>('sink', 'a'.bytes, 'a'.bytes), null)
    def result = session.commit(sealed())
    while (!session.maySend()) {
      Thread.onSpinWait()
    }

    then: 'they are flushed'
    producers.any { it.uncommittedRecords().size() == 2 && it.flushed() }
    committed() == []
    !result.done

    when:
    answer.complete(null)

    then:
    result.get(10, TimeUnit.SECONDS) instanceof CommitResult.Committed
    committed().size() == 1
  }

  def "at-most-once: offsets of a topic that is gone are not committed, so nothing of it is handled"() {
    given:
    open('at-most-once')
    def track = track()
    answer.completeExceptionally(new UnknownTopicIdException('gone'))

    when:
    session.prepareHandling([(PARTITION): track.offset(9)])

    then:
    def failure = thrown(TransactionFailure)
    failure.reaction() == Reaction.ABORT_AND_REWIND
    asked == [[ID]]
    committed() == []
  }
}
