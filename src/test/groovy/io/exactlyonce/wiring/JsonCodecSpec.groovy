package io.exactlyonce.wiring

import io.exactlyonce.relay.Parcel
import io.exactlyonce.relay.Priced
import io.exactlyonce.relay.RelayedOrder
import io.micronaut.core.type.Argument
import io.micronaut.json.tree.JsonNode

/** What is read as JSON where no deserializer is configured: one document, and nothing taken for another type. */
class JsonCodecSpec extends CodecsInContext {

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

  def "a refusal names the expected and the found type in words: #json is no #type.simpleName"() {
    when:
    decode(type, json)

    then:
    def refused = thrown(IOException)
    refused.message.contains(says)

    where:
    type         | json                              || says
    Integer      | '"7531"'                          || 'expected a whole number, found a text'
    Integer      | '7531.5'                          || 'expected a whole number, found a number with a point or an exponent'
    Integer      | 'true'                            || 'expected a whole number, found a boolean'
    Double       | '"7531"'                          || 'expected a number, found a text'
    Boolean      | '7531'                            || 'expected true or false, found a whole number'
    int[]        | '[7531,null]'                     || 'null is not allowed'
    RelayedOrder | '{"article":"a","pieces":7531}{}' || 'more than one JSON document: there is further text after the first'
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
}
