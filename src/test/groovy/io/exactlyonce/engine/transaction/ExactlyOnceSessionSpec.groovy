package io.exactlyonce.engine.transaction

import io.exactlyonce.engine.failure.Reaction
import io.exactlyonce.engine.inflight.RecordResult
import io.exactlyonce.engine.inflight.RefusedRecords
import io.exactlyonce.engine.inflight.Signal
import io.exactlyonce.engine.inflight.TransactionRefusals
import io.exactlyonce.engine.topic.SameTopics
import io.exactlyonce.engine.topic.TopicLimits
import org.apache.kafka.clients.consumer.MockConsumer
import org.apache.kafka.clients.producer.MockProducer
import org.apache.kafka.clients.producer.Producer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.KafkaException
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.errors.RecordTooLargeException
import org.apache.kafka.common.serialization.ByteArraySerializer
import spock.lang.Specification
import spock.lang.Timeout

import java.time.Clock
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.LongAdder

/**
 * Where the worker and its committer meet. The producers are Kafka's own in-memory ones: a commit
 * that stands still for exactly as long as the spec wants is not to be had from a broker.
 */
class ExactlyOnceSessionSpec extends Specification {

  /** Its first commit stands still until it is closed. */
  static class Stuck extends MockProducer<byte[], byte[]> {
    final CountDownLatch committing = new CountDownLatch(1)
    final CountDownLatch closed = new CountDownLatch(1)

    Stuck() {
      super(true, null, new ByteArraySerializer(), new ByteArraySerializer())
    }

    @Override
    void commitTransaction() {
      committing.countDown()
      closed.await()
      throw new KafkaException('Producer closed forcefully.')
    }

    @Override
    void close(Duration timeout) {
      closed.countDown()
      super.close(timeout)
    }
  }

  /** Refuses the receipt; the output before it is completed first, and failed again behind it. */
  static class Picky extends MockProducer<byte[], byte[]> {
    final RecordResult output

    Picky(RecordResult output) {
      super(false, null, new ByteArraySerializer(), new ByteArraySerializer())
      this.output = output
    }

    @Override
    void flush() {
      def why = new RecordTooLargeException()
      completeNext()
      errorNext(why)
      output.onCompletion(null, why)
      throw why
    }
  }

  List<MockProducer<byte[], byte[]>> made = []
  Stuck stuck = new Stuck()
  RecordResult output = new RecordResult(RecordResult.Kind.PROCESSED, [], new TopicPartition('in', 0), 1)
  def session = session { side ->
    def producer = made.empty ? stuck : new MockProducer(true, null, new ByteArraySerializer(), new ByteArraySerializer())
    made << producer
    producer
  }

  /** Its topics are there unless another answer is given. */
  static ExactlyOnceSession session(Closure<?> producers, SameTopics sameTopics = { CompletableFuture.completedFuture(null) }) {
    def (a, b) = ['a', 'b'].collect { side ->
      new TransactionalProducer("w-$side", { producers(side) as Producer<byte[], byte[]> }, Duration.ofSeconds(30), new LongAdder())
    }
    new ExactlyOnceSession(a, b, new ReceiptWriter('receipts', 'w', Clock.systemUTC()), new Signal(), sameTopics)
  }

  def cleanup() {
    session.close()
  }

  /** Its group is whole, with generation and member id, as only a member's is. */
  PendingTransaction.Sealed transaction() {
    new PendingTransaction.Sealed([:], new MockConsumer<byte[], byte[]>('none').groupMetadata(), [], new TreeMap<String, Integer>(), [], '', new TransactionRefusals())
  }

  void send(String value) {
    session.send(new ProducerRecord<>('sink', value.bytes, value.bytes), null)
  }

  @Timeout(20)
  def "a commit that the worker no longer waits for is broken off before its producer is replaced"() {
    given:
    session.recover(Reaction.REBUILD_PRODUCERS)
    send('a')
    def abandoned = session.commit(transaction())
    stuck.committing.await()
    send('b')

    when:
    session.recover(Reaction.REBUILD_PRODUCERS)

    then: 'the committer has ended, and could not reach into what was made anew'
    abandoned.done
    abandoned.join() instanceof CommitResult.NotCommitted
    made.size() == 4

    when: 'both sides commit again'
    send('c')
    def first = session.commit(transaction()).get(5, TimeUnit.SECONDS)
    send('d')
    def second = session.commit(transaction()).get(5, TimeUnit.SECONDS)

    then:
    [first, second].every { it instanceof CommitResult.Committed }
    made[2..3]*.commitCount() == [1L, 1L]
    made[0..1]*.history().flatten().every { it.topic() in ['sink', 'receipts'] }
    made[0..1].every { it.commitCount() == 0 }
  }

  @Timeout(20)
  def "a receipt that is refused condemns none of the outputs that the producer fails with it"() {
    given: 'answers that the spec gives'
    def picky = session { new Picky(output) }
    picky.recover(Reaction.REBUILD_PRODUCERS)
    def sealed = transaction()
    output.postJoin(sealed.refusals())
    def refusedRecords = new RefusedRecords(new TopicLimits(10_000))

    when:
    picky.send(new ProducerRecord<>('sink', 'a'.bytes, 'a'.bytes), null)
    def result = picky.commit(sealed).get(5, TimeUnit.SECONDS)

    then:
    result instanceof CommitResult.NotCommitted
    !sealed.refusals().judge(refusedRecords)
    refusedRecords.empty

    cleanup:
    picky?.close()
  }

  @Timeout(20)
  def "the broker is asked whether the topics are the same once the receipt is written, before the commit"() {
    given:
    def producers = [:].withDefault { new MockProducer(true, null, new ByteArraySerializer(), new ByteArraySerializer()) }
    def written = []
    def asking = session({ side -> producers[side] },
        { written << [producers.a.uncommittedRecords()*.topic(), producers.a.commitCount()]; CompletableFuture.completedFuture(null) })
    asking.recover(Reaction.REBUILD_PRODUCERS)
    asking.send(new ProducerRecord<>('sink', 'a'.bytes, 'a'.bytes), null)

    when:
    asking.commit(transaction()).get(5, TimeUnit.SECONDS)

    then:
    written == [[['sink', 'receipts'], 0L]]
    producers.a.commitCount() == 1

    cleanup:
    asking.close()
  }

  def "closing does not wait for a commit that stands still"() {
    given:
    session.recover(Reaction.REBUILD_PRODUCERS)
    send('a')
    session.commit(transaction())
    stuck.committing.await()

    expect:
    session.close() == null
    stuck.closed()
  }
}
