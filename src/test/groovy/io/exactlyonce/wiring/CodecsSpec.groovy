package io.exactlyonce.wiring

import io.exactlyonce.config.ConfigurationException
import io.exactlyonce.config.PipelineConfig
import io.exactlyonce.relay.Parcel
import io.exactlyonce.relay.Priced
import io.exactlyonce.relay.RelayedOrder
import io.exactlyonce.wiring.json.StrictJson
import io.micronaut.context.ApplicationContext
import io.micronaut.core.type.Argument
import io.micronaut.json.JsonMapper
import io.micronaut.json.tree.JsonNode
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.common.config.ConfigException
import org.apache.kafka.common.header.Headers
import org.apache.kafka.common.header.internals.RecordHeaders
import org.apache.kafka.common.serialization.Deserializer
import org.apache.kafka.common.serialization.Serializer
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification

class CodecsSpec extends Specification {

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

  def "an order is read from one document: #json"() {
    expect:
    decode(RelayedOrder, json) == new RelayedOrder('a', 25)

    where:
    json << ['{"article":"a","pieces":25}', ' {"pieces":25,"article":"a"}\n', '{"article":"a","pieces":25,"unknown":{"x":[1.5,true]}}',
             '\ufeff{"article":"a","pieces":25}']
  }

  def "an order is refused where the value is not exactly one document: #json"() {
    when:
    decode(RelayedOrder, json)

    then:
    thrown(IOException)

    where:
    json << ['{"article":"a","pieces":25} xyz', '{"article":"a","pieces":25}{}', '{"article":"a","pieces":25}]',
             '{"article":"a","pieces":25,"pieces":26}', '{"article":"a","pieces":25,"x":{"y":1,"y":1}}',
             '{"article":"a","pieces":25', '', ' ', 'null', '[]', '"a"', '17', '[{"article":"a","pieces":25}]',
             '{"article":"a","pieces":25,"x":' + '[' * 5000 + ']' * 5000 + '}', '{"article":"a","pieces":' + '1' * 5000 + '}']
  }

  def "an order is refused where a field would have to be taken for another type, or for 0: #json"() {
    when:
    decode(RelayedOrder, json)

    then:
    thrown(IOException)

    where:
    json << ['{"article":"a","pieces":true}', '{"article":"a","pieces":12.7}', '{"article":"a","pieces":"12"}', '{"article":"a","pieces":[12]}',
             '{"article":"a","pieces":NaN}', '{"article":"a","pieces":null}', '{"article":"a"}', '{}',
             '{"article":17,"pieces":1}', '{"article":true,"pieces":1}', '{"article":["a"],"pieces":1}', '{"article":{},"pieces":1}']
  }

  def "#json is no #type.simpleName"() {
    when:
    decode(type, json)

    then:
    thrown(IOException)

    where:
    type    | json
    Integer | 'true'
    Integer | '12.7'
    Integer | '12.0'
    Integer | '1e2'
    Integer | '"12"'
    Integer | '[12]'
    Integer | 'null'
    Integer | '2147483648'
    Long    | '9223372036854775808'
    Long    | '1.5'
    Byte    | '200'
    Byte    | '300'
    Short   | '70000'
    Double  | '1e999'
    Double  | '"NaN"'
    Double  | '"1"'
    Double  | 'true'
    Boolean | '1'
    Boolean | '"true"'
    Byte    | '"1"'
    Byte    | '1.5'
    Byte    | 'true'
    Short   | '"1"'
    Short   | '1.5'
    Short   | 'true'
    Long    | '"1"'
    Long    | 'true'
    Float   | '1e39'
    Float   | '"1"'
    Float   | 'true'
    Character | '97'
    Character | '"ab"'
    Character | 'true'
    BigInteger | '"12"'
    BigInteger | '1.0'
    BigInteger | '1e2'
    BigInteger | 'true'
    BigDecimal | '"12"'
    BigDecimal | 'true'
    BigDecimal | '[12]'
    Number  | '"12"'
    Number  | 'true'
    Number  | '1e999'
  }

  /** Of the types that a bean's primitives ask for, and boxes do not. */
  def "#json is no #type.simpleName[]"() {
    when:
    decode(type, json)

    then:
    thrown(IOException)

    where:
    [type, json] << [[int[], long[], short[], double[], float[]], ['[1,null]', '[1,"2"]', '[1,true]', '[[1]]', '{"0":1}', '"1"']].combinations() +
        [[int[], long[], short[]], ['[1,1.5]', '[1e2]', '[99999999999999999999]']].combinations() +
        [[double[], float[]], ['[1,1e999]', '["NaN"]']].combinations() +
        [[boolean[]], ['[true,null]', '[true,1]', '["true"]']].combinations() +
        [[char[]], ['["a",null]', '["a",98]', '[true]']].combinations()
  }

  def "#json holds what is no #type"() {
    when:
    decode(type, json)

    then:
    thrown(IOException)

    where:
    [type, json] << [[Argument.listOf(Integer)], ['["1"]', '[1.5]', '[true]', '[2147483648]', '[[1]]', '{}', '1']].combinations() +
        [[Argument.setOf(Boolean)], ['[1]', '["true"]']].combinations() +
        [[Argument.listOf(String)], ['[1]', '[true]', '[["a"]]']].combinations() +
        [[Argument.mapOf(String, Integer)], ['{"a":"1"}', '{"a":1.5}', '{"a":true}', '{"a":[1]}', '{"a":1,"a":2}', '[]']].combinations() +
        [[Argument.listOf(Argument.listOf(Integer))], ['[["1"]]', '[[1.5]]']].combinations() +
        [[Argument.listOf(byte[])], ['[[1,null]]', '[[1,"2"]]', '[[1,true]]', '[[1,1.5]]', '[[200]]', '[[300]]', '[[[1]]]', '[17]', '[true]', '["no base64!"]']].combinations() +
        [[Argument.of(Optional, Integer)], ['"1"', '1.5', 'true']].combinations() +
        [[Argument.of(Integer[])], ['["1"]', '[1.5]']].combinations() +
        [[Argument.of(Object), Argument.mapOf(String, Object), Argument.of(JsonNode)], ['{"a":1,"a":2}', '{"a":{"b":1,"b":2}}']].combinations() +
        [[Argument.of(Object), Argument.mapOf(String, Object)], ['{"a":1e999}', '{"a":[1,{"b":-1e999}]}']].combinations()
  }

  static final String PARCEL = '{"orders":[{"article":"a","pieces":2}],"pieces":{"a":2},"sizes":[1,2],"label":"aGk=","price":1.10,"kind":"SMALL","note":{"n":1}}'

  def "a parcel is refused for what is inside it: #was is not #is"() {
    given:
    assert PARCEL.contains(was)

    when:
    decode(Parcel, PARCEL.replace(was, is))

    then:
    thrown(IOException)

    where:
    was              | is
    '"pieces":2}'    | '"pieces":"2"}'
    '"pieces":2}'    | '"pieces":2.5}'
    '"pieces":2}'    | '"pieces":null}'
    '"pieces":2}'    | '"pieces":2,"pieces":3}'
    '"article":"a"'  | '"article":1'
    '{"a":2}'        | '{"a":"2"}'
    '{"a":2}'        | '{"a":true}'
    '[1,2]'          | '[1,null]'
    '[1,2]'          | '[1,"2"]'
    '"aGk="'         | '[104,true]'
    '"aGk="'         | '[104,null]'
    '1.10'           | '"1.10"'
    '"SMALL"'        | '0'
    '"SMALL"'        | 'true'
    '"SMALL"'        | '"TINY"'
    '{"n":1}'        | '{"n":1e999}'
    '{"n":1}'        | '{"n":1,"n":2}'
  }

  def "a parcel is read with all that is inside it"() {
    when:
    def parcel = decode(Parcel, PARCEL) as Parcel

    then:
    parcel.orders() == [new RelayedOrder('a', 2)]
    parcel.pieces() == [a: 2]
    parcel.sizes() == [1, 2] as int[]
    parcel.label() == 'hi'.bytes
    (decode(Parcel, PARCEL.replace('"aGk="', '[104,-128]')) as Parcel).label() == [104, -128] as byte[]
    parcel.price() == 1.10G
    parcel.kind() == Parcel.Kind.SMALL
    parcel.note() == [n: 1]
  }

  def "what stands before the kind of a value is read as strictly, and as exactly: #json"() {
    expect:
    decode(Priced, json) == new Priced.Exactly(price, 2)

    where:
    json                                                                        || price
    '{"kind":"exactly","price":0.12345678901234567891,"pieces":2}'              || 0.12345678901234567891G
    '{"price":0.12345678901234567891,"pieces":2,"kind":"exactly"}'              || 0.12345678901234567891G
    '{"price":1e400,"pieces":2,"kind":"exactly"}'                               || 1e400G
    '{"price":12,"x":{"y":[1.5,null,"z",true,{}]},"pieces":2,"kind":"exactly"}' || new BigDecimal(12)
    '{"price":12345678901234567890123,"pieces":2,"kind":"exactly"}'             || new BigDecimal('12345678901234567890123')
  }

  def "nor is it taken for another type: #json"() {
    when:
    decode(Priced, json)

    then:
    thrown(IOException)

    where:
    json << ['{"price":"12","pieces":2,"kind":"exactly"}', '{"price":12,"pieces":2.5,"kind":"exactly"}', '{"price":12,"pieces":"2","kind":"exactly"}',
             '{"price":12,"pieces":null,"kind":"exactly"}', '{"price":12,"kind":"exactly"}', '{"price":12,"pieces":2,"pieces":3,"kind":"exactly"}',
             '{"kind":"exactly","price":"12","pieces":2}', '{"price":12,"pieces":[2],"kind":"exactly"}']
  }

  def "a tree keeps its numbers as they are"() {
    expect:
    decode(JsonNode, '{"a":[0.12345678901234567891,1e400,12345678901234567890,7,null,true,"t"]}') ==
        JsonNode.createObjectNode([a: JsonNode.createArrayNode([
            JsonNode.createNumberNode(0.12345678901234567891G), JsonNode.createNumberNode(1e400G), JsonNode.createNumberNode(12345678901234567890G),
            JsonNode.createNumberNode(7), JsonNode.nullNode(), JsonNode.createBooleanNode(true), JsonNode.createStringNode('t')])])
  }

  def "#json is the #type.simpleName #value"() {
    expect:
    decode(type, json) == value

    where:
    type    | json   || value
    Integer | '12'   || 12
    Byte    | '-128' || (byte) -128
    Double  | '1'    || 1.0d
    Double  | '1.5'  || 1.5d
    Boolean | 'true' || true
    Short   | '70'   || (short) 70
    Long    | '9223372036854775807' || Long.MAX_VALUE
    Float   | '1.5'  || 1.5f
    Character | '"a"' || ('a' as char)
    BigInteger | '9' * 400 || new BigInteger('9' * 400)
    BigDecimal | '1e999' || 1e999G
    Number  | '9' * 400 || new BigInteger('9' * 400)
    Number  | '1.5'  || 1.5d
    int[]   | '[]'   || [] as int[]
    Integer[] | '[1,null]' || [1, null] as Integer[]
    byte[][] | '[[1],null,"aGk="]' || [[1] as byte[], null, 'hi'.bytes] as byte[][]
  }

  def "json: lenient reads as Micronaut Serde does: #json"() {
    expect:
    decode(Integer, json, [json: 'lenient']) == 12

    where:
    json << ['12 xyz', '12.7', '"12"']
  }

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

  /** It refuses its settings, and quotes one. */
  static class Refusing extends Telling {
    @Override
    void configure(Map<String, ?> settings, boolean isKey) {
      throw new ConfigException('schema.registry.password', settings['schema.registry.password'], 'is too short\nfor the registry')
    }
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
