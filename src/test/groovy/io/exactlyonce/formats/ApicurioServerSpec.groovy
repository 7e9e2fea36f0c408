package io.exactlyonce.formats

import com.google.type.Money
import io.apicurio.registry.serde.avro.AvroKafkaDeserializer
import io.apicurio.registry.serde.avro.AvroKafkaSerializer
import io.apicurio.registry.serde.protobuf.ProtobufKafkaDeserializer
import io.apicurio.registry.serde.protobuf.ProtobufKafkaSerializer
import io.exactlyonce.local.ApicurioServer
import org.apache.avro.generic.GenericRecordBuilder
import org.apache.kafka.common.header.internals.RecordHeaders
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Tag

/** Both formats against Apicurio's own registry, in a process that is killed, stopped and started again: mvn -Pall verify. */
@Tag('long')
class ApicurioServerSpec extends FormatSpec {

  @Shared
  @AutoCleanup
  ApicurioServer server = new ApicurioServer()

  Map<String, String> getClient() {
    ['apicurio.registry.url': server.url(), 'apicurio.registry.auto-register': 'true', 'apicurio.registry.fault-tolerant-refresh': 'true']
  }

  static Object avro(def schema, int number) {
    new GenericRecordBuilder(schema).set('pieces', number).build()
  }

  static Object money(int number) {
    Money.newBuilder().setCurrencyCode('EUR').setUnits(number).build()
  }

  def "of #format a message waits while the registry is killed or stopped, and all of them are written once it is back"() {
    given:
    def settings = client.collectEntries { [("consumer.$it.key".toString()): it.value, ("producer.$it.key".toString()): it.value] }
    def started = start(pipeline, [sinks: sink, 'value-deserializer': reader.name, 'value-serializer': writer.name, 'registry.timeout': '1s'] + settings + more)
    def sending = { Object sent ->
      def headers = new RecordHeaders()
      def bytes = writer.getConstructor().newInstance().with { it.configure(client, false); it.serialize(source, headers, sent) }
      return { String id -> send('k'.bytes, bytes, id: id, headers: headers, partition: 0) }
    }
    def reading = reader.getConstructor().newInstance().tap { it.configure(client + more.collectEntries { [(it.key - 'consumer.'): it.value] }, false) }
    def numbers = { outputs(sink).collect { number.call(reading.deserialize(it.topic(), it.headers(), it.value())) } }

    when: 'nothing of it was read before it is killed'
    def first = sending(message.call(1))
    server.kill()
    first.call('o-1')

    then:
    await(BOUND) { assert troubles(started).any { it.contains("$source-0@0 waits: the schema registry at ${server.url()}") } }
    letters() == []

    when:
    server.start()

    then:
    await(BOUND) { assert numbers() == [1] }

    when: 'it hangs at a later schema'
    def later = sending(laterMessage.call(2))
    server.pause()
    later.call('o-2')

    then:
    await(BOUND) { assert troubles(started).any { it.contains("$source-0@1 waits: the schema registry at ${server.url()} has not answered within registry.timeout") } }

    when:
    server.resume()

    then:
    await(BOUND) { assert numbers() == [1, 2] }
    await(BOUND) { assert troubles(started) == [] }
    letters() == []
    started.pipeline().counters().aborts.sum() == 0

    where:
    format << ['Avro', 'Protobuf']
    pipeline = format == 'Avro' ? 'relayed-avro' : 'relayed-protobuf'
    sink = format == 'Avro' ? 'shipments' : 'settlements'
    reader = format == 'Avro' ? AvroKafkaDeserializer : ProtobufKafkaDeserializer
    writer = format == 'Avro' ? AvroKafkaSerializer : ProtobufKafkaSerializer
    more = format == 'Avro' ? [:] : ['consumer.apicurio.registry.deserializer.value.return-class': Money.name]
    message = format == 'Avro' ? { avro(AvroSpec.ORDER, it) } : { money(it) }
    laterMessage = format == 'Avro' ? { new GenericRecordBuilder(AvroSpec.LATER).set('pieces', it).set('note', 'more').build() } : { ProtobufSpec.later(it) }
    number = format == 'Avro' ? { it.pieces } : { it.units as int }
  }
}
