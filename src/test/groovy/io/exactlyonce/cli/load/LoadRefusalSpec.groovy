package io.exactlyonce.cli.load

import org.apache.kafka.clients.producer.MockProducer
import org.apache.kafka.common.errors.RecordTooLargeException
import org.apache.kafka.common.serialization.ByteArraySerializer
import spock.lang.Tag

/** What ends a load before anything is sent, or where the broker does not take it. */
class LoadRefusalSpec extends LoadedRows {

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

  @Tag('long')
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
}
