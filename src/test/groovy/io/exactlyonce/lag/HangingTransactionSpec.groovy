package io.exactlyonce.lag

import io.exactlyonce.local.Backends
import io.exactlyonce.local.EmbeddedBackends
import io.exactlyonce.local.KafkaHelper
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.compress.Compression
import org.apache.kafka.common.message.ProduceRequestData
import org.apache.kafka.common.protocol.ApiKeys
import org.apache.kafka.common.record.internal.MemoryRecords
import org.apache.kafka.common.record.internal.SimpleRecord
import org.apache.kafka.common.requests.ProduceRequest
import org.apache.kafka.common.requests.RequestHeader
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Tag

/** Records of a transaction that its coordinator does not know of, as a late request leaves them behind (KIP-890). */
class HangingTransactionSpec extends LagSpec {

  @Shared
  @AutoCleanup
  EmbeddedBackends own

  /** A broker that takes records of a transaction without asking its coordinator, as all did before Kafka 3.6. */
  @Override
  void use(Backends started) {
    own = EmbeddedBackends.start(1, ['transaction.partition.verification.enable': 'false'])
    backends = own
    kafka = new KafkaHelper(own.bootstrapServers())
  }

  /** Writes one record of the producer's transaction into the source, and does not tell the coordinator. */
  void leaveBehind(String id, int partition) {
    def producer = admin.describeTransactions([id]).all().get()[id]
    def batch = MemoryRecords.withTransactionalRecords(Compression.NONE, producer.producerId(), producer.producerEpoch() as short, 0,
        new SimpleRecord(System.currentTimeMillis(), 'k'.bytes, 'v'.bytes))
    def topics = new ProduceRequestData.TopicProduceDataCollection()
    topics.add(new ProduceRequestData.TopicProduceData().setName(source)
        .setPartitionData([new ProduceRequestData.PartitionProduceData().setIndex(partition).setRecords(batch)]))
    short version = ProduceRequest.LAST_STABLE_VERSION_BEFORE_TRANSACTION_V2
    def request = new ProduceRequest(new ProduceRequestData().setAcks(-1 as short).setTimeoutMs(10_000).setTransactionalId(id).setTopicData(topics), version)
    def bytes = request.serializeWithHeader(new RequestHeader(ApiKeys.PRODUCE, version, 'spec', 1))
    new Socket('127.0.0.1', bootstrapServers.split(':')[1] as int).withCloseable { socket ->
      socket.soTimeout = 20_000
      def out = new DataOutputStream(socket.outputStream)
      out.writeInt(bytes.remaining())
      out.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining())
      out.flush()
      new DataInputStream(socket.inputStream).readInt()
    }
  }

  @Tag('long')
  def "what a writer that goes on has left behind hangs, and is not taken for its transaction of now"() {
    given: 'a transaction of another topic alone'
    def id = unique('writer')
    def producer = transactional(id)
    producer.send(new ProducerRecord<>(sink, 0, null, 'x'.bytes)).get()

    when:
    leaveBehind(id, 2)
    def lag = of(check(checks()), 2)

    then: 'an empty id: only an operator can end it'
    lag.heldBack() == 1
    lag.open().transactionalId() == ''
    !lag.open().timeoutKnown

    when: 'its writer commits, and begins anew'
    producer.commitTransaction()
    producer.beginTransaction()
    producer.send(new ProducerRecord<>(sink, 0, null, 'x'.bytes)).get()
    def after = of(check(checks()), 2)

    then:
    after.heldBack() == 1
    after.open().transactionalId() == ''
  }
}
