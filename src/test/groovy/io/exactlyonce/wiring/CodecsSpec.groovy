package io.exactlyonce.wiring

import io.exactlyonce.config.ConfigurationException
import io.exactlyonce.config.PipelineConfig
import io.micronaut.core.type.Argument
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.common.config.ConfigException
import org.apache.kafka.common.header.internals.RecordHeaders

/** A pipeline's own serializers and deserializers: how they are configured, called and closed. */
class CodecsSpec extends CodecsInContext {

  def "key and value go through their own serializers, each configured once with the pipeline's settings"() {
    given:
    def output = codecs('key-serializer': Telling.name, 'value-serializer': Telling.name, 'producer.schema.registry.url': 'own').output()
    def headers = new RecordHeaders()

    expect:
    new String(output.bytes('out', headers, true, 1)) == '[key own common] 1'
    new String(output.bytes('out', headers, false, 2)) == '[value own common] 2'
    headers.headers('seen').size() == 2
  }

  def "a value serializer does not write keys: without a key serializer they are JSON"() {
    given:
    def output = codecs('value-serializer': Telling.name).output()

    expect:
    new String(output.bytes('out', new RecordHeaders(), true, 17)) == '17'
  }

  def "key and value go through their own deserializers, each configured once with the pipeline's settings"() {
    given:
    def input = codecs('key-deserializer': Telling.name, 'value-deserializer': Telling.name, 'consumer.schema.registry.url': 'own')
        .input(Argument.of(io.exactlyonce.handler.Keyed, Integer, Integer))
    def keyed = input.decode(new ConsumerRecord<byte[], byte[]>('in', 0, 0L, 'k'.bytes, 'v'.bytes))

    expect:
    keyed.key() == '[key own common] k 0'
    keyed.value() == '[value own common] v 0'
  }

  def "a #setting that refuses its settings is told in one line, without a secret"() {
    when:
    codecs((setting): Refusing.name, 'producer.schema.registry.password': 'hunter22', 'consumer.schema.registry.password': 'hunter22')
        .with { it.output(); it.input(Argument.of(io.exactlyonce.handler.Keyed, Integer, Integer)) }

    then:
    def e = thrown(ConfigurationException)
    e.message.startsWith("pipelines.orders.$setting = ${Refusing.name}: cannot be configured: ${ConfigException.name}: ")
    e.message.contains('is too short for the registry')
    e.message.readLines().size() == 1
    !e.message.contains('hunter22')
    e.cause == null

    where:
    setting << ['key-serializer', 'value-serializer', 'key-deserializer', 'value-deserializer']
  }

  def "each serializer and deserializer is closed once, also beside one that cannot be closed"() {
    given:
    def codecs = codecs(TELLING + ['key-deserializer': Unclosable.name])
    codecs.input(Argument.of(io.exactlyonce.handler.Keyed, Integer, Integer))
    codecs.output()

    when:
    codecs.close()
    codecs.close()

    then:
    Telling.ALL*.class.toSet() == [Telling, Unclosable].toSet()
    Telling.ALL*.closed == [1, 1, 1, 1]
  }

  def "a pipeline closes its serializers and deserializers when it is closed, and the check before it those that it made"() {
    given: 'no broker: the pipeline waits for it, and closes all the same'
    def config = PipelineConfig.parse('relay', [source: 'in', sinks: 'out', 'guard.store': 'off'] + TELLING, 'spec')
    def factory = context.getBean(PipelineFactory)

    when:
    factory.check(config)

    then:
    Telling.ALL*.closed == [1, 1, 1]

    when:
    Telling.ALL.clear()
    def built = factory.build(config, { why, atStart -> })
    built.pipeline().start()

    then:
    Telling.ALL*.closed == [0, 0, 0]

    when:
    built.close()

    then:
    Telling.ALL*.closed == [1, 1, 1]
  }
}
