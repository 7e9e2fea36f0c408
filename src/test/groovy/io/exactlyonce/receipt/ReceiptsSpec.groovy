package io.exactlyonce.receipt

import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import org.apache.kafka.common.Uuid
import spock.lang.Specification

class ReceiptsSpec extends Specification {

  static final ID = Uuid.fromString('kG1qX3T5Rf6xM0m2T2cN5Q')

  static Receipt.Span span(Map more = [:]) {
    new Receipt.Span(more.topic ?: 'payments', ID, more.partition ?: 3, more.from ?: 100, more.to ?: 200,
        new Receipt.Outcomes((int) (more.processed == null ? 98 : more.processed), (int) (more.skipped ?: 0),
            (more.duplicates ?: []).collect { it as Long }, (more.deadLetters ?: []).collect { it as Long }), Receipt.Sums.UNKNOWN)
  }

  static Receipt receipt(List<Receipt.Span> spans, Map<String, Integer> outputs = [ledger: 196]) {
    new Receipt('payments-a-0', 'payments-a-0-b', 1_763_690_000_000, spans, new TreeMap<>(outputs))
  }

  static byte[] edited(Receipt receipt, Closure edit) {
    def json = new JsonSlurper().parse(Receipts.write(receipt))
    edit(json)
    JsonOutput.toJson(json).getBytes('UTF-8')
  }

  def "a receipt is written as documented"() {
    expect:
    new String(Receipts.write(receipt([span(duplicates: [120], deadLetters: [130])]))) ==
        '{"v":1,"w":"payments-a-0","x":"payments-a-0-b","t":1763690000000,' +
        '"p":[{"n":"payments","i":"kG1qX3T5Rf6xM0m2T2cN5Q","p":3,"f":100,"to":200,"ok":98,"dup":[120],"dead":[130]}],' +
        '"out":{"ledger":196}}'
  }

  def "what is written is read again: #what"() {
    expect:
    ReceiptReader.read(Receipts.write(receipt)) == receipt

    where:
    what                  | receipt
    'one partition'       | receipt([span()])
    'all fields'          | receipt([span(skipped: 1, duplicates: [101, 150], deadLetters: [199])])
    'several partitions'  | receipt([span(partition: 7), span(partition: 1), span(topic: 'other')], [a: 1, b: 2, c: 3])
    'who decided'         | new Receipt('a-0', 'a-0-b', 1, [span()], new TreeMap<>(), [new Receipt.Decision('payments-3@120', 'skip', 'known', 'ann')], '')
    'a generation'        | new Receipt('a-0', 'a-0-b', 1, [span()], new TreeMap<>(), [], '5f0c21aa')
    'sums'                | receipt([new Receipt.Span('payments', ID, 3, 100, 200, new Receipt.Outcomes(98, 0, [], []), new Receipt.Sums(7, 4_294_967_295))])
    'only markers'        | receipt([span(processed: 0)], [:])
    'nothing'             | receipt([], [:])
    'the largest numbers' | receipt([span(partition: Integer.MAX_VALUE, from: Long.MAX_VALUE - 1, to: Long.MAX_VALUE,
        processed: Integer.MAX_VALUE, skipped: Integer.MAX_VALUE, duplicates: [Long.MAX_VALUE])], [x: Integer.MAX_VALUE])
    'names to be quoted'  | new Receipt('a"b\\c', 'é\u0001', 0, [span(topic: 'with.dots-and_more')], new TreeMap<>(['q"': 1]))
  }

  def "without duplicates and dead letters a receipt takes less than 150 bytes per partition"() {
    given:
    def spans = (0..<partitions).collect {
      span(partition: 1000 + it, from: 1_000_000_000_000, to: 1_000_000_050_000, processed: 49_000, skipped: 1000)
    }

    expect:
    Receipts.write(receipt(spans)).length - Receipts.write(receipt([])).length < 150 * partitions

    where:
    partitions << [1, 12, 100]
  }

  def "a receipt of a whole transaction is small enough for any topic: 50,000 duplicates"() {
    expect:
    Receipts.write(receipt([span(duplicates: (0..<50_000).collect { 1_000_000_000_000 + it })])).length < 1_000_000
  }

  def "fields that nobody here knows are passed over, wherever they stand"() {
    given:
    def receipt = receipt([span(duplicates: [120]), span(partition: 4)])

    expect:
    ReceiptReader.read(edited(receipt) { json ->
      json.new1 = [a: [1, [b: 2]], v: 9]
      json.new2 = null
      json.p.each { it.new3 = [[p: 99, f: 1]]; it.new4 = 'x' }
    }) == receipt
  }

  def "the order of fields does not matter"() {
    given:
    def receipt = receipt([span(duplicates: [120])])

    expect:
    ReceiptReader.read(JsonOutput.toJson(new JsonSlurper().parse(Receipts.write(receipt)).reverseEach {}
        .entrySet().toList().reverse().collectEntries { [it.key, it.value] }).bytes) == receipt
  }

  def "a receipt of schema version #version is refused by name"() {
    when:
    ReceiptReader.read(edited(receipt([span()])) { it.v = version })

    then:
    def e = thrown(IllegalArgumentException)
    e.message == "receipt of schema version $version; this reads 1"

    where:
    version << [0, 2, 17]
  }

  def "what is no receipt is refused: #what"() {
    when:
    ReceiptReader.read(bytes)

    then:
    thrown(IllegalArgumentException)

    where:
    what                   | bytes
    'nothing'              | new byte[0]
    'text'                 | 'hello'.bytes
    'an array'             | '[]'.bytes
    'an empty object'      | '{}'.bytes
    'no version'           | '{"w":"a"}'.bytes
    'half a receipt'       | Receipts.write(receipt([span()]))[0..<90] as byte[]
    'a number as text'     | '{"v":1,"t":"soon"}'.bytes
    'an offset as text'    | '{"v":1,"p":[{"dup":["a"]}]}'.bytes
    'offsets no list'      | '{"v":1,"p":[{"dup":5,"p":1}]}'.bytes
    'a topic id no id'     | '{"v":1,"p":[{"i":"?"}]}'.bytes
    'too large an offset'  | '{"v":1,"p":[{"f":99999999999999999999}]}'.bytes
    'random bytes'         | [0, -1, 3, 77] as byte[]
  }

  def "a receipt cut short anywhere is refused, never read as a smaller one"() {
    given:
    def whole = Receipts.write(receipt([span(duplicates: [120]), span(partition: 4)]))
    def read = (0..<whole.length).findAll { length ->
      try {
        ReceiptReader.read(whole[0..<length] as byte[])
        true
      } catch (IllegalArgumentException ignored) {
        false
      }
    }

    expect:
    read == []
  }
}
