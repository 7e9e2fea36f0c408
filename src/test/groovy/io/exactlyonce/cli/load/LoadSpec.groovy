package io.exactlyonce.cli.load

import io.exactlyonce.local.BackendsSpec
import org.apache.kafka.clients.admin.Admin
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.clients.producer.MockProducer
import org.apache.kafka.clients.producer.Producer
import org.apache.kafka.common.errors.RecordTooLargeException
import org.apache.kafka.common.serialization.ByteArraySerializer
import picocli.CommandLine
import spock.lang.TempDir

import java.util.zip.GZIPOutputStream

/** The command against a real broker: every row is acknowledged, or told of. */
class LoadSpec extends BackendsSpec {

  @TempDir
  File dir

  String topic = unique('load')
  String out
  String err

  def setup() {
    createTopic(topic, 3)
  }

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

  def "a file name that the locale cannot say is told in one line"() {
    when:
    def status = load('a\u0000b.csv')

    then:
    status == 1
    err.readLines().size() == 1
    err.contains('set LC_ALL=C.UTF-8, or give the file to standard input')
  }

  def "a JSON array is told before anything is sent, however long its line"() {
    when:
    def status = load(ndjson("[${'{},' * 400_000}{}]").toString(), '--on-error', 'skip')

    then:
    status == 1
    err.contains("rows.ndjson: line 1: a JSON array; one object a line is needed: jq -c '.[]' makes them")
  }

  def "a topic that does not exist is told with the remedy"() {
    when:
    def status = load(topic: 'no-such-topic', csv(1).toString())

    then:
    status == 1
    err.contains("topic no-such-topic does not exist on $bootstrapServers; create it first: kafka-topics.sh")
    out == ''
  }

  def "a cluster that does not answer is told within 10 seconds"() {
    given:
    def began = System.nanoTime()

    when:
    def status = load(servers: servers, csv(1).toString())

    then:
    status == 1
    System.nanoTime() - began < 10e9
    err.contains(servers)
    err.contains('--bootstrap-servers')

    where:
    servers << ['127.0.0.1:1', 'no-such-host.invalid:9092']
  }

  def "a record that the broker refuses stops the load and is named"() {
    given:
    def small = unique('small')
    createTopic(small, 1, ['max.message.bytes': '500'])
    def wide = (1..2_000).collect { Long.toString(new Random(it).nextLong(), 36) }.join('')

    when:
    def status = load(topic: small, ndjson('{"id":1}', "{\"id\":2,\"x\":\"$wide\"}").toString(), '--id-field', 'id')

    then:
    status == 1
    err.contains('line 2 (event id 2) was not taken by the broker')
    err.contains("max.message.bytes of topic $small")
  }

  def "only what was acknowledged counts as sent"() {
    given: 'a producer that acknowledges nothing but the first record'
    def producer = new MockProducer<byte[], byte[]>(false, null, new ByteArraySerializer(), new ByteArraySerializer()) {
      @Override
      void flush() {
        completeNext()
        errorNext(new RecordTooLargeException('too large'))
        super.flush()
      }
    }

    when:
    def status = load(producer: producer, ndjson('{"id":1}', '{"id":2}').toString(), '--id-field', 'id')

    then:
    status == 1
    out.contains('2 rows read, 1 records sent')
    err.contains('line 2 (event id 2) was not taken by the broker: too large')
    err.contains('1 records were acknowledged')
  }

  def "settings that no client takes are told in one line, without secrets, with status 2: #text"() {
    given:
    def config = new File(dir, 'client.properties')
    config.text = text

    when:
    def status = load(servers: servers, csv(1).toString(), '--config', config.toString())

    then:
    status == 2
    err.readLines().size() == 1
    err.startsWith('load: ' + says)
    !err.contains('hunter22')

    where:
    servers            | text                                      || says
    '127.0.0.1:9092,'  | ''                                        || 'bootstrap.servers = 127.0.0.1:9092,: '
    null               | 'security.protocol=TLS'                   || 'security.protocol = TLS: '
    null               | 'linger.ms=600000'                        || 'linger.ms = 600000: '
    null               | 'security.protocol=SASL_PLAINTEXT\nsasl.jaas.config=x required password=hunter22' || 'sasl.jaas.config = ***: '
    null               | 'security.protocol=SSL\nssl.truststore.location=/no/such.jks'  || 'ssl.truststore.location = /no/such.jks: '
  }

  def "a command line that cannot be meant is refused: #says"() {
    expect:
    load(stdin: '{}', *args) == status
    err.contains(says)

    where:
    args                                      || status | says
    ['-']                                     || 2      | 'give --id-field FIELD, or --id-prefix TEXT'
    ['x.csv']                                 || 1      | 'x.csv does not exist'
    ['x.csv', '--delimiter', '||']            || 2      | 'is not one ASCII character'
    ['x.csv', '--rate', '-1']                 || 2      | '--rate and --limit are 0 (no limit) or more'
    ['x.csv', '--max-line', '0']              || 2      | '--max-line 0 is not from 1'
    ['x.csv', '--config', 'x.properties']     || 2      | '--config x.properties cannot be read'
    ['x.csv', '--duplicates', '1']            || 2      | 'may be 1% or 100%'
    ['x.csv', '--format', 'xml']              || 2      | 'xml'
  }

  private int load(Map with = [:], String... args) {
    def outWriter = new StringWriter()
    def errWriter = new StringWriter()
    def command =
        new LoadCommand(
            new ByteArrayInputStream((with.stdin ?: '').bytes),
            [KAFKA_BOOTSTRAP_SERVERS: with.servers ?: bootstrapServers],
            with.producer ? clients(with.producer as Producer<byte[], byte[]>) : CliClients.real(),
            System::nanoTime,
            false)
    def status =
        new CommandLine(command)
            .setOut(new PrintWriter(outWriter))
            .setErr(new PrintWriter(errWriter))
            .execute(['--topic', with.topic ?: topic, *args] as String[])
    out = outWriter.toString()
    err = errWriter.toString()
    status
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

  private static CliClients clients(Producer<byte[], byte[]> producer) {
    new CliClients() {
      @Override
      Admin admin(Map<String, Object> settings) {
        CliClients.real().admin(settings)
      }

      @Override
      Producer<byte[], byte[]> producer(Map<String, Object> settings) {
        producer
      }
    }
  }

  private static String id(ConsumerRecord<byte[], byte[]> record, String header = 'event-id') {
    new String(record.headers().lastHeader(header).value(), 'UTF-8')
  }

  private static Map<String, String> fields(ConsumerRecord<byte[], byte[]> record) {
    new JsonFields(['n', 'account']).read(new String(record.value(), 'UTF-8'))
  }

  private File csv(int rows) {
    def file = new File(dir, 'rows.csv')
    file.text = 'n,account\n' + (1..rows).collect { "$it,acc-${it % 50}" }.join('\n') + '\n'
    file
  }

  private File ndjson(String... lines) {
    def file = new File(dir, 'rows.ndjson')
    file.text = lines.join('\n')
    file
  }
}
