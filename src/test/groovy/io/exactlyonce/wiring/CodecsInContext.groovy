package io.exactlyonce.wiring

import io.exactlyonce.config.PipelineConfig
import io.exactlyonce.wiring.json.StrictJson
import io.micronaut.context.ApplicationContext
import io.micronaut.core.type.Argument
import io.micronaut.json.JsonMapper
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.common.config.ConfigException
import org.apache.kafka.common.header.Headers
import org.apache.kafka.common.serialization.Deserializer
import org.apache.kafka.common.serialization.Serializer
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification

/** Codecs of a pipeline, made with the beans of an application that serves nothing. */
abstract class CodecsInContext extends Specification {

  @Shared
  @AutoCleanup
  ApplicationContext context = ApplicationContext.builder()
      .overrideConfigLocations('classpath:no-such-file')
      .properties(['micronaut.application.name': 'codecs-spec', 'kafka.bootstrap.servers': 'localhost:1', 'redis.uri': 'redis://localhost:1'])
      .start()

  Codecs codecs(Map<String, String> settings = [:]) {
    def config = PipelineConfig.parse('orders', [source: 'in'] + settings, 'spec')
    new Codecs(context.getBean(JsonMapper), context.getBean(StrictJson), config, ['schema.registry.url': 'common', shared: 'common'])
  }

  def setup() {
    Telling.ALL.clear()
  }

  Object decode(Object type, Object value, Map<String, String> settings = [:]) {
    byte[] bytes = value instanceof String ? value.getBytes('UTF-8') : value as byte[]
    codecs(settings).input(type instanceof Class ? Argument.of(type) : type as Argument).decode(new ConsumerRecord<byte[], byte[]>('in', 0, 0L, null, bytes))
  }

  static final String PARCEL = '{"orders":[{"article":"a","pieces":2}],"pieces":{"a":2},"sizes":[1,2],"label":"aGk=","price":1.10,"kind":"SMALL","note":{"n":1}}'

  /** Says in its bytes how it was configured and called. */
  static class Telling implements Serializer<Object>, Deserializer<Object> {
    static final List<Telling> ALL = Collections.synchronizedList([])

    List<String> configured = []
    int closed = 0

    Telling() {
      ALL << this
    }

    @Override
    void configure(Map<String, ?> settings, boolean isKey) {
      configured << "${isKey ? 'key' : 'value'} ${settings['schema.registry.url']} ${settings['shared']}".toString()
    }

    @Override
    byte[] serialize(String topic, Object object) {
      throw new UnsupportedOperationException('without headers')
    }

    @Override
    byte[] serialize(String topic, Headers headers, Object object) {
      headers.add('seen', topic.bytes)
      "$configured $object".toString().bytes
    }

    @Override
    Object deserialize(String topic, byte[] bytes) {
      throw new UnsupportedOperationException('without headers')
    }

    @Override
    Object deserialize(String topic, Headers headers, byte[] bytes) {
      "$configured ${new String(bytes)} ${headers.size()}".toString()
    }

    @Override
    void close() {
      closed++
    }
  }

  /** It refuses its settings, and quotes one. */
  static class Refusing extends Telling {
    @Override
    void configure(Map<String, ?> settings, boolean isKey) {
      throw new ConfigException('schema.registry.password', settings['schema.registry.password'], 'is too short\nfor the registry')
    }
  }

  static final Map<String, String> TELLING = ['key-serializer': Telling.name, 'value-serializer': Telling.name,
                                              'key-deserializer': Telling.name, 'value-deserializer': Telling.name]

  /** Its close throws. */
  static class Unclosable extends Telling {
    @Override
    void close() {
      super.close()
      throw new IllegalStateException('it hangs on')
    }
  }
}
