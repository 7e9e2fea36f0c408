package io.exactlyonce.receipt

import io.exactlyonce.local.BackendsSpec
import org.apache.kafka.clients.consumer.KafkaConsumer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.serialization.ByteArrayDeserializer

import java.time.Instant

/** What stands in a receipts topic and is no receipt hides no worker's last commit. */
class NewestReceiptsSpec extends BackendsSpec {

  def "the newest receipt of each worker is found beside #what"() {
    given:
    def topic = unique('receipts')
    createTopic(topic, 2)
    produce([receipt(topic, 0, 'w-0', 1000), receipt(topic, 1, 'w-1', 2000), new ProducerRecord<byte[], byte[]>(topic, 0, null, value), receipt(topic, 0, 'w-0', 3000)])
    def newest = new NewestReceipts(new KafkaConsumer([
      'bootstrap.servers': bootstrapServers, 'isolation.level': 'read_committed', 'auto.offset.reset': 'earliest', 'enable.auto.commit': 'false',
      'key.deserializer': ByteArrayDeserializer.name, 'value.deserializer': ByteArrayDeserializer.name]), topic)

    expect:
    newest.look() == ['w-0': Instant.ofEpochMilli(3000), 'w-1': Instant.ofEpochMilli(2000)]

    cleanup:
    newest?.close()

    where:
    what                    | value
    'a record of no value'  | null
    'what nobody can read'  | 'hello'.bytes
    'an empty value'        | new byte[0]
  }

  private static ProducerRecord<byte[], byte[]> receipt(String topic, int partition, String worker, long millis) {
    new ProducerRecord<>(topic, partition, null, Receipts.write(new Receipt(worker, 'tx', millis, [], new TreeMap())))
  }
}
