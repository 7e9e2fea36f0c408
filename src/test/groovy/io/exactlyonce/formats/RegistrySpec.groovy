package io.exactlyonce.formats

import io.exactlyonce.local.LocalRegistry
import io.exactlyonce.wiring.StartedPipeline
import org.apache.kafka.common.header.internals.RecordHeaders
import org.apache.kafka.common.serialization.Deserializer
import org.apache.kafka.common.serialization.Serializer
import spock.lang.Tag

/** What holds for each format whose schemas are in a registry; the registry can be away in many ways. */
abstract class RegistrySpec extends FormatSpec {

  LocalRegistry registry = new LocalRegistry()

  abstract String getPipeline()

  abstract String getSink()

  abstract Map<String, String> getFormat()

  abstract Serializer<Object> newSerializer()

  abstract Deserializer<Object> newDeserializer()

  /** A message of which the handler makes an output with this number; of 0 it makes none. */
  abstract Object message(int number)

  /** The same of a later version of the schema. */
  abstract Object laterMessage(int number)

  abstract int numberOf(Object output)

  def setup() {
    opened << registry
  }

  Map<String, String> getClient() {
    ['apicurio.registry.url': url, 'apicurio.registry.auto-register': 'true']
  }

  String getUrl() {
    registry.url()
  }

  StartedPipeline run(Map<String, String> more = [:]) {
    def settings = client.collectEntries { [("consumer.$it.key".toString()): it.value, ("producer.$it.key".toString()): it.value] }
    start(pipeline, [sinks: sink] + settings + format + more)
  }

  /** What a producer with the registry's serializer sends: bytes, and headers. */
  Closure sending(Object message) {
    def headers = new RecordHeaders()
    def bytes = newSerializer().with { it.configure(client, false); it.serialize(source, headers, message) }
    return { Map more -> send(more + [headers: headers], 'k'.bytes, bytes) }
  }

  List<Integer> numbers() {
    def reading = newDeserializer().tap { it.configure(client, false) }
    outputs(sink).collect { numberOf(reading.deserialize(it.topic(), it.headers(), it.value())) }
  }

  def "a message is handled as its type, the output is written by the serializer, and a later schema is read as it comes"() {
    given:
    def started = run()

    when:
    sending(message(7)).call(id: 'o-1')
    sending(message(7)).call(id: 'o-1')
    await(BOUND) { assert started.pipeline().counters().duplicates.sum() == 1 }
    sending(laterMessage(8)).call(id: 'o-2')

    then:
    await(BOUND) { assert numbers().toSet() == [7, 8].toSet() }
    outputs(sink).collect { text(it, 'event-id') }.toSet() == ['o-1/0', 'o-2/0'].toSet()
    letters() == []
    registry.artifacts().toSet() == ["$source-value".toString(), "$sink-value".toString()].toSet()
  }

  @Tag('long')
  def "a schema that the registry does not know and bytes that are no message are dead letters, and the next is handled"() {
    given:
    run()
    def known = new RecordHeaders()
    def bytes = newSerializer().with { it.configure(client, false); it.serialize(source, known, message(7)) }
    def unknown = new RecordHeaders(known).remove('apicurio.value.globalId').add('apicurio.value.globalId', [0, 0, 0, 0, 0, 0, 3, 9] as byte[])

    when:
    send('k'.bytes, bytes, id: 'unknown', headers: unknown, partition: 0)
    send('k'.bytes, Arrays.copyOf(bytes, bytes.length - 1), id: 'cut', headers: new RecordHeaders(known), partition: 0)
    send('k'.bytes, '{"pieces":7}'.bytes, id: 'json', partition: 0)
    send('k'.bytes, bytes, id: 'good', headers: known, partition: 0)

    then:
    await(BOUND) { assert numbers() == [7] }
    letters()*.reason() == ['the record cannot be decoded'] * 3
    letters().collect { new String(it.ownHeaders().lastHeader('event-id').value()) } == ['unknown', 'cut', 'json']
    letters().collect { it.source().toString() } == (0..2).collect { "$source-0@$it".toString() }
  }

  @Tag('long')
  def "while the registry refuses connections a message of an unread schema waits, and the other partition goes on"() {
    expect:
    goesOnAfter({ registry.stop() }, { registry.start() })
  }

  @Tag('long')
  def "while the registry answers #mode a message of an unread schema waits, and the other partition goes on"() {
    expect:
    goesOnAfter({ registry.become(mode) }, { registry.become(LocalRegistry.Mode.WELL) })

    where:
    mode << LocalRegistry.Mode.values() - LocalRegistry.Mode.WELL
  }

  void goesOnAfter(Closure<?> away, Closure<?> back) {
    def started = run('registry.timeout': '1s')
    def later = sending(laterMessage(2))
    def other = sending(message(3))
    sending(message(1)).call(id: 'o-1', partition: 1)
    await(BOUND) { assert numbers() == [1] }

    away.call()
    later.call(id: 'o-2', partition: 0)
    await(BOUND) { assert troubles(started).any { it.contains("$source-0@0 waits: the schema registry at $url") } }
    other.call(id: 'o-3', partition: 1)
    await(BOUND) { assert outputs(sink).size() == 2 }
    assert !started.pipeline().status().ready
    assert letters() == []
    assert started.pipeline().counters().retries.sum() == 0

    back.call()
    await(BOUND) { assert numbers().toSet() == [1, 2, 3].toSet() }
    await(BOUND) { assert troubles(started) == [] }
    assert letters() == []
  }

  @Tag('long')
  def "while the registry is away an output of an unwritten schema waits, its record is not committed"() {
    given:
    def started = run()
    def next = sending(message(4))
    sending(message(0)).call(id: 'o-1', partition: 0)
    await(BOUND) { assert started.pipeline().counters().skipped.sum() == 1 }

    when:
    registry.stop()
    next.call(id: 'o-2', partition: 0)

    then:
    await(BOUND) { assert troubles(started).any { it.contains("$source-0@1 waits: the schema registry at $url is away") } }
    started.pipeline().counters().commits.sum() == 1

    when:
    registry.start()

    then:
    await(BOUND) { assert numbers() == [4] }
    letters() == []
    started.pipeline().counters().aborts.sum() == 0
  }
}
