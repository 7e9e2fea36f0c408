package io.exactlyonce.formats

import io.apicurio.registry.serde.avro.AvroKafkaDeserializer
import io.apicurio.registry.serde.avro.AvroKafkaSerializer
import io.apicurio.registry.serde.strategy.SimpleTopicIdStrategy
import org.apache.avro.Schema
import org.apache.avro.SchemaBuilder
import org.apache.avro.generic.GenericRecordBuilder
import org.apache.kafka.common.header.internals.RecordHeaders
import org.apache.kafka.common.serialization.Deserializer
import org.apache.kafka.common.serialization.Serializer
import spock.lang.Tag

/** The manual's handler of Avro records, with Apicurio's serializers. */
class AvroSpec extends RegistrySpec {

  static final Schema ORDER = SchemaBuilder.record('Order').fields().requiredInt('pieces').endRecord()
  static final Schema LATER = SchemaBuilder.record('Order').fields().requiredInt('pieces').optionalString('note').endRecord()
  static final Map<String, String> CLASSES = ['value-deserializer': AvroKafkaDeserializer.name, 'value-serializer': AvroKafkaSerializer.name]

  String pipeline = 'relayed-avro'
  String sink = 'shipments'
  Map<String, String> format = CLASSES

  @Override
  Serializer<Object> newSerializer() {
    new AvroKafkaSerializer<Object>()
  }

  @Override
  Deserializer<Object> newDeserializer() {
    new AvroKafkaDeserializer<Object>()
  }

  @Override
  Object message(int number) {
    new GenericRecordBuilder(ORDER).set('pieces', number).build()
  }

  @Override
  Object laterMessage(int number) {
    new GenericRecordBuilder(LATER).set('pieces', number).set('note', 'more').build()
  }

  @Override
  int numberOf(Object output) {
    output.pieces
  }

  @Tag('long')
  def "key and value have schemas of their own, by the subject strategy that the serializer is set to, and in the bytes too"() {
    given:
    def mine = client + ['apicurio.registry.artifact-resolver-strategy': strategy, 'apicurio.registry.headers.enabled': headers]
    def keys = new AvroKafkaSerializer<Object>().tap { it.configure(mine, true) }
    def values = new AvroKafkaSerializer<Object>().tap { it.configure(mine, false) }
    def all = new RecordHeaders()
    def settings = mine.collectEntries { [("consumer.$it.key".toString()): it.value, ("producer.$it.key".toString()): it.value] }
    start('relayed-keyed-avro', settings + CLASSES + [sinks: 'keyed', 'key-deserializer': AvroKafkaDeserializer.name, 'key-serializer': AvroKafkaSerializer.name])

    when:
    send(keys.serialize(source, all, message(1)), values.serialize(source, all, message(2)), id: 'o-1', headers: all)

    then:
    await(BOUND) { assert outputs('keyed').size() == 1 }
    def output = outputs('keyed')[0]
    new AvroKafkaDeserializer<Object>().tap { it.configure(mine, true) }.deserialize('keyed', output.headers(), output.key()).pieces == 1
    new AvroKafkaDeserializer<Object>().tap { it.configure(mine, false) }.deserialize('keyed', output.headers(), output.value()).pieces == 2
    registry.artifacts() == artifacts.collect { it.replace('in', source) }.toSorted()

    where:
    strategy                                             | headers || artifacts
    'io.apicurio.registry.serde.strategy.TopicIdStrategy' | 'true'  || ['in-key', 'in-value', 'keyed-key', 'keyed-value']
    SimpleTopicIdStrategy.name                           | 'false' || ['in', 'keyed']
  }
}
