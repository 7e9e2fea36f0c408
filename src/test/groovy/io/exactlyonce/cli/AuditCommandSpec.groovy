package io.exactlyonce.cli

import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.receipt.HandMadePipeline
import org.apache.kafka.clients.admin.RecordsToDelete
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.serialization.ByteArraySerializer
import picocli.CommandLine
import spock.lang.AutoCleanup
import spock.lang.Tag

import java.time.Duration
import java.util.concurrent.CompletableFuture

/** The exit status says whether the log is clean, and the last line counts. */
class AuditCommandSpec extends BackendsSpec {

  String group = unique('commanded')
  String source = unique('source')
  String sink = unique('sink')
  String out
  String err

  @AutoCleanup
  HandMadePipeline pipeline

  def setup() {
    createTopic(source)
    createTopic(sink)
    createTopic(group + '.receipts')
    pipeline = new HandMadePipeline(bootstrapServers, admin, group, source, sink)
    produce(pipeline.records(0, 20))
    pipeline.transaction(0, 0, 10)
  }

  def "a clean log is 0"() {
    expect:
    audit('--quiet') == 0
    out.startsWith('1 receipts, 10 source records, 10 outputs, 0 dead letters, 0 duplicates dropped')
    out.readLines()[-1] == 'lost 0  duplicated 0  out of order 0  unaccounted 0'
    out.contains('never judged: whether a receipt was written in the transaction that it describes')
    err == ''
  }

  def "a finding is 1, as text and as JSON"() {
    given:
    produce([pipeline.output(0, 5)])

    expect:
    audit() == 1
    out.startsWith("DUPLICATED $sink-0@11: the event id id-0-5/0 is in $sink a second time")
    out.readLines()[-1] == 'lost 0  duplicated 1  out of order 0  unaccounted 0'

    when:
    audit('--json')

    then:
    out.startsWith('{"clean":false,"lost":0,"duplicated":1,"out_of_order":0,"unaccounted":0,"receipts":1,')
    out.contains("\"findings\":[{\"kind\":\"DUPLICATED\",\"where\":\"$sink-0@11\",\"records\":1,")
  }

  def "what could not be judged is said, as text and as JSON, and by --strict it is 1"() {
    given:
    def p = readCommitted(group + '.receipts')[0].partition()
    admin.deleteRecords([(new TopicPartition(group + '.receipts', p)): RecordsToDelete.beforeOffset(-1)]).all().get()

    expect:
    audit('--quiet') == 0
    out.startsWith("Not judged: $source-0@0-9: no receipt accounts for them")
    audit('--quiet', '--strict') == 1
    audit('--quiet', '--strict', '--json') == 1
    out.contains("\"unjudged\":[{\"where\":\"$source-0@0-9\",\"why\":\"no receipt")
  }

  def "a clean log of which all was judged is 0 by --strict too"() {
    expect:
    audit('--quiet', '--strict') == 0
  }

  @Tag('long')
  def "an audit that cannot be made is 2 and says why: #says"() {
    expect:
    audit(*args) == 2
    err.contains(says)
    out == ''

    where:
    args                                         || says
    ['--receipts', 'no-such-topic']              || 'audit: topic no-such-topic does not exist'
    ['--since', 'yesterday']                     || '--since yesterday is no time; write'
    ['--since', 'PT-2562047788015215H']          || '--since PT-2562047788015215H is no time; write'
    ['--since', 'P106751991167300D']             || '--since P106751991167300D is no time; write'
    ['--bootstrap-servers', '127.0.0.1:1']       || 'Kafka did not answer at 127.0.0.1:1'
    ['--config', 'absent.properties']            || '--config absent.properties cannot be read'
    ['--guard-window', 'yesterday']              || '--guard-window'
    ['--event-id', 'nowhere']                    || '--event-id = nowhere: is no cloudevent, header'
    ['--no-such-option']                         || '--no-such-option'
  }

  def "it says how far it is, for as long as it takes"() {
    given: 'a transaction that it has to wait for'
    def producer = new KafkaProducer<byte[], byte[]>(
        ['bootstrap.servers': bootstrapServers, 'transactional.id': group + '-other'],
        new ByteArraySerializer(), new ByteArraySerializer())
    producer.initTransactions()
    producer.beginTransaction()
    producer.send(new ProducerRecord<byte[], byte[]>(sink, 0, null, 'x'.bytes)).get()

    when:
    def status = CompletableFuture.supplyAsync { audit() }
    await(Duration.ofSeconds(30)) { assert errWriter.toString().contains(' records/s') }
    producer.abortTransaction()

    then:
    status.get() == 0
    err.readLines()[0] ==~ /\d+ records, \d+ records\/s, \d+ s/

    cleanup:
    producer.close(Duration.ZERO)
  }

  StringWriter errWriter

  private int audit(String... args) {
    def outWriter = new StringWriter()
    errWriter = new StringWriter()
    def given = args.contains('--bootstrap-servers') ? [] : ['--bootstrap-servers', bootstrapServers]
    def status =
        new CommandLine(new AuditCommand())
            .setOut(new PrintWriter(outWriter))
            .setErr(new PrintWriter(errWriter))
            .execute([*given, '--group', group, '--source', source, '--sinks', sink, *args] as String[])
    out = outWriter.toString()
    err = errWriter.toString()
    status
  }
}
