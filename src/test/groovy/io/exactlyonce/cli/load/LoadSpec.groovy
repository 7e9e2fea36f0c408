package io.exactlyonce.cli.load

import org.apache.kafka.clients.consumer.ConsumerRecord
import spock.lang.Tag

import java.util.zip.GZIPOutputStream

/** The command against a real broker: every row is acknowledged, or told of. */
class LoadSpec extends LoadedRows {

  def "every row of a file arrives once, under an id that is the same at the next load"() {
    given:
    def file = csv(5_000)

    when:
    def first = load(file.toString(), '--key-field', 'account')

    then:
    first == 0
    def records = readCommitted(topic)
    records.collect { fields(it).n }.toSet() == (1..5_000)*.toString().toSet()
    records.size() == 5_000
    records.collect { id(it) }.toSet() == (2..5_001).collect { "rows.csv:$it".toString() }.toSet()
    records.every { new String(it.key()) == fields(it).account }
    out.startsWith("rows.csv -> $topic: 5000 rows read, 5000 records sent, 0 duplicates sent, ")
    out.trim().endsWith('event ids: rows.csv:<line number>')
    out.readLines().size() == 1
    err.contains('No --id-field: event ids are rows.csv:<line number>')

    when:
    def again = load(file.toString())

    then:
    again == 0
    readCommitted(topic).size() == 10_000
    readCommitted(topic).collect { id(it) }.toSet().size() == 5_000
  }

  def "duplicates carry the id of their first sending, some in another partition"() {
    when:
    def status = load(csv(5_000).toString(), '--duplicates', '10%', '--id-field', 'n', '--id-header', 'my-id')

    then:
    status == 0
    def byId = readCommitted(topic).groupBy { id(it, 'my-id') }
    byId.size() == 5_000
    def twice = byId.values().findAll { it.size() == 2 }
    Math.abs(twice.size() - 500) < 100
    byId.values().every { it.size() <= 2 }
    twice.every { it[0].value() == it[1].value() && it[0].key() == it[1].key() }
    def moved = twice.count { it*.partition().toSet().size() == 2 }
    moved > 150 && moved < twice.size() - 150
    out.contains("5000 records sent, ${twice.size()} duplicates sent")
  }

  def "standard input is loaded, as far as the limit"() {
    when:
    def status = load(stdin: '{"id":"a"}\n{"id":"b"}\n{"id":"c"}\n', '-', '--id-field', 'id', '--limit', '2')

    then:
    status == 0
    readCommitted(topic).collect { id(it) }.toSet() == ['a', 'b'] as Set
    out.startsWith("stdin -> $topic: 2 rows read, 2 records sent")
  }

  def "a bad line stops the load, after everything before it was acknowledged"() {
    when:
    def status = load(ndjson('{"id":1}', '{"id":2}', '{"id":', '{"id":4}').toString(), '--id-field', 'id')

    then:
    status == 1
    readCommitted(topic).collect { id(it) }.toSet() == ['1', '2'] as Set
    err.contains('rows.ndjson: line 3: not JSON at column')
    err.contains('rows.ndjson: stopped at line 3: 2 records before it were sent; fix the line and run again with' +
        ' the same ids: the guard drops what was already loaded')
    out.contains('2 records sent')
  }

  def "bad lines that are skipped are all told, and the status still says so"() {
    when:
    def status =
        load(ndjson('{"id":1}', 'x', '{"id":3}', '[]').toString(), '--id-field', 'id', '--on-error', 'skip')

    then:
    status == 1
    readCommitted(topic).collect { id(it) }.toSet() == ['1', '3'] as Set
    err.contains('line 2: not JSON')
    err.contains('line 4: a JSON array')
    out.contains('4 rows read, 2 records sent, 0 duplicates sent, 2 bad lines not sent')
  }

  def "a packed file that is cut short is told, and what came before it was sent"() {
    given:
    def file = new File(dir, 'rows.ndjson.gz')
    def packed = new ByteArrayOutputStream()
    new GZIPOutputStream(packed).withStream { zip ->
      def random = new Random(1)
      2_000.times { zip.write("{\"id\":\"${random.nextLong()}\"}\n".bytes) }
    }
    file.bytes = Arrays.copyOf(packed.toByteArray(), packed.size().intdiv(2))

    when:
    def status = load(file.toString())

    then:
    status == 1
    err.contains('rows.ndjson.gz: cannot be read beyond line')
    err.contains('is the file complete?')
    def sent = readCommitted(topic).size()
    sent > 0 && sent < 2_000
    err.contains("$sent records before it were sent")
  }

  @Tag('long')
  def "status 0 is for an input that was read to its true end: #what"() {
    given:
    def file = new File(dir, name)
    file.bytes = content

    when:
    def status = load(file.toString(), '--id-field', 'id')

    then:
    status == 1
    err.contains(says)
    readCommitted(topic).collect { id(it) } == sent

    where:
    what                     | name      | content                                              || sent  | says
    'damage between members' | 'a.csv.gz' | joined(gz('id,a\n1,some text\n'), 'damage'.bytes, gz('2\n'))    || ['1'] | 'a.csv.gz: cannot be read beyond line 2'
    'damage at the end'      | 'a.csv.gz' | joined(gz('id,a\n1,some text\n'), 'damage'.bytes)              || ['1'] | 'gzip member 2'
    'semicolons'             | 'a.csv'   | 'id;a\n1;2\n'.bytes                                || []    | "give --delimiter ';'"
    'UTF-16 without mark'    | 'a.csv'   | 'id,a\n1,2\n'.getBytes('UTF-16LE')                 || []    | '--encoding UTF-16LE'
    'not UTF-8'              | 'a.csv'   | 'id,a\n1,ü\n'.getBytes('ISO-8859-1')               || []    | 'line 2: not valid UTF-8'
    'a quote left open'      | 'a.csv'   | 'id,a\n1,2\n3,"4\n5,6\n'.bytes                    || ['1'] | 'line 3: a quote opened here is not closed'
    'too deep a JSON'        | 'a.json'  | ('{"id":1}\n{"a":' + '[' * 2_000).bytes           || ['1'] | 'line 2: beyond what a reader of JSON takes'
    'NULs at the end'        | 'a.json'  | joined('{"id":1}\n'.bytes, new byte[64])           || ['1'] | 'line 2: a NUL byte'
  }

  @Tag('long')
  def "what can be read is read whole, however it is written: #what"() {
    given:
    def file = new File(dir, name)
    file.bytes = content

    when:
    def status = load(file.toString(), '--id-field', 'id', *options)

    then:
    status == 0
    readCommitted(topic).collect { id(it) }.toSet() == ['1', '2'] as Set
    out.contains('2 rows read, 2 records sent')

    where:
    what                   | name       | content                                      | options
    'CR alone'             | 'a.csv'    | 'id,a\r1,x\r2,y\r'.bytes                      | []
    'CR alone, NDJSON'     | 'a.ndjson' | '{"id":1}\r{"id":2}'.bytes                    | []
    'UTF-16 with its mark' | 'a.csv'    | '\uFEFFid,a\r\n1,ü\r\n2,€\r\n'.getBytes('UTF-16LE') | []
    'UTF-16, told'         | 'a.csv'    | 'id,a\n1,ü\n2,€\n'.getBytes('UTF-16BE')       | ['--encoding', 'UTF-16BE']
    'Windows, told'        | 'a.csv'    | 'id,a\n1,ü\n2,€\n'.getBytes('windows-1252')   | ['--encoding', 'windows-1252']
    'sep=;'                | 'a.csv'    | 'sep=;\r\nid;a\r\n1;x\r\n2;y\r\n'.bytes     | []
    'semicolons, told'     | 'a.csv'    | 'id;a\n1;x\n2;y\n'.bytes                      | ['--delimiter', ';']
    'two members'          | 'a.csv.gz' | joined(gz('id\n1\n'), gz('2\n'))              | []
  }

  def "JSON that its reader does not take is skipped where that is asked for, and counted"() {
    when:
    def status =
        load(ndjson('{"id":1}',  '{"a":' + '[' * 2_000, '{"id":3}').toString(), '--id-field', 'id', '--on-error', 'skip')

    then:
    status == 1
    readCommitted(topic).collect { id(it) }.toSet() == ['1', '3'] as Set
    out.contains('3 rows read, 2 records sent, 0 duplicates sent, 1 bad lines not sent')
  }

  private static byte[] gz(String text) {
    def packed = new ByteArrayOutputStream()
    new GZIPOutputStream(packed).withStream { it.write(text.bytes) }
    packed.toByteArray()
  }

  private static byte[] joined(byte[]... parts) {
    def all = new ByteArrayOutputStream()
    parts.each { all.write(it) }
    all.toByteArray()
  }

  private static Map<String, String> fields(ConsumerRecord<byte[], byte[]> record) {
    new JsonFields(['n', 'account']).read(new String(record.value(), 'UTF-8'))
  }
}
