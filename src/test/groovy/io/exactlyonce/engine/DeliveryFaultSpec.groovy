package io.exactlyonce.engine

import io.exactlyonce.engine.failure.Reaction
import io.exactlyonce.engine.inflight.RecordResult
import io.exactlyonce.engine.inflight.Track
import io.exactlyonce.engine.transaction.PendingTransaction
import io.exactlyonce.engine.transaction.TransactionalProducer
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.serialization.ByteArraySerializer
import spock.lang.Tag

import java.time.Duration
import java.util.concurrent.atomic.LongAdder
import java.util.concurrent.locks.LockSupport

/** What a broker or a Redis that goes and comes costs a delivery, and what is counted of it. */
class DeliveryFaultSpec extends OwnBackendsSpec {

  Handler<String> slowCopy() {
    String to = sink
    return { event ->
      LockSupport.parkNanos(10_000_000)
      Outcome.emit(Output.to(to, event.key(), event.value()))
    } as Handler<String>
  }

  @Tag('long')
  def "at-most-once: a Redis that comes back empty in the middle costs nothing that was committed"() {
    given:
    def running = run([delivery: 'at-most-once', concurrency: 3], slowCopy())
    produce((0..<600).collect { record("v$it", partition: it % 3) })
    await(BOUND) { assert visible().size() >= 20 }

    when:
    own.redis().restart()
    await(BOUND) { assert visible().size() == 600 }

    then:
    visible().toSet().size() == 600
    running.pipeline().counters().lost.sum() == 0
  }

  /** At its first commit the broker stands still for longer than the commit waits. */
  class Frozen extends KafkaProducer<byte[], byte[]> {
    boolean frozen

    Frozen(Map<String, Object> settings) {
      super(settings, new ByteArraySerializer(), new ByteArraySerializer())
    }

    @Override
    void commitTransaction() {
      boolean first = !frozen
      frozen = true
      if (first) own.kafka().node(0).pause()
      try {
        super.commitTransaction()
      } finally {
        if (first) own.kafka().node(0).resume()
      }
    }
  }

  @Tag('long')
  def "a commit that the broker does not answer in time is counted as unknown, once, and repeated"() {
    given:
    def unknown = new LongAdder()
    def id = unique('tx')
    Map<String, Object> settings = ['bootstrap.servers': bootstrapServers, 'transactional.id': id, 'max.block.ms': 2000, 'request.timeout.ms': 1000]
    def producer = new TransactionalProducer(id, { new Frozen(settings) }, Duration.ofSeconds(60), unknown)
    opened << ({ producer.close() } as AutoCloseable)
    def track = new Track(partitionsOf(source)[0])
    track.rewind(0)
    def commit = { int at ->
      def batch = new PendingTransaction()
      batch.add(track, at, RecordResult.SKIPPED)
      track.sentTo(at + 1)
      producer.send(new ProducerRecord(sink, "v$at".bytes), null)
      producer.flush()
      producer.commit(batch.seal(new ConsumerGroupMetadata(name), ''))
    }

    when:
    producer.resolve(Reaction.REBUILD_PRODUCERS)
    commit(0)

    then:
    unknown.sum() == 1
    visible() == ['v0']

    when: 'the broker answers'
    commit(1)

    then:
    unknown.sum() == 1
    visible() == ['v0', 'v1']
    committed() == 2
  }
}
