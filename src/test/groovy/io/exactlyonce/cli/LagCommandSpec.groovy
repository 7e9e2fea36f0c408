package io.exactlyonce.cli

import io.exactlyonce.local.BackendsSpec
import org.apache.kafka.clients.consumer.OffsetAndMetadata
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.serialization.ByteArraySerializer
import picocli.CommandLine
import spock.lang.Tag

import java.time.Duration

/** The exit status is what cron and Nagios go by. */
class LagCommandSpec extends BackendsSpec {

  String group = unique('behind')
  String source = unique('source')
  String out
  String err

  def setup() {
    createTopic(source, 2)
    long now = System.currentTimeMillis()
    produce((0..<10).collect { new ProducerRecord<byte[], byte[]>(source, 0, now - 120_000 + it, 'k'.bytes, 'v'.bytes) })
    admin.alterConsumerGroupOffsets(group, (0..1).collectEntries { [new TopicPartition(source, it), new OffsetAndMetadata(0)] }).all().get()
  }

  @Tag('long')
  def "with #args it is #status: #last"() {
    expect:
    lag(*args) == status
    out.readLines()[-1] ==~ last
    err == ''

    where:
    args                                                       || status | last
    ['--warning', '11,300', '--critical', '20,600']            || 0      | /OK: 10 records, 12\d\.\d s behind/
    ['--warning', '10,300', '--critical', '20,600']            || 1      | /WARNING: 10 records, 12\d\.\d s behind/
    ['--warning', '11,60', '--critical', '20,600']             || 1      | /WARNING: 10 records, 12\d\.\d s behind/
    ['--warning', '5,300', '--critical', '10,600']             || 2      | /CRITICAL: 10 records, 12\d\.\d s behind/
    ['--warning', '11,60', '--critical', '20,100']             || 2      | /CRITICAL: 10 records, 12\d\.\d s behind/
    []                                                         || 1      | /WARNING: 10 records, 12\d\.\d s behind/
  }

  def "the table has a line for each partition"() {
    when:
    lag()
    def lines = out.readLines()*.replaceAll(/ +/, ' ')

    then:
    lines.size() == 4
    lines[0] == 'PARTITION RECORDS SECONDS HELD BACK PER SECOND GONE IN STATE OWNER'
    lines[1] ==~ /$source-0 10 12\d\.\d 0 [+-]0\.0 - STOPPED -/
    lines[2] ==~ /$source-1 0 0\.0 0 [+-]0\.0 - STOPPED -/
  }

  def "JSON is one object on one line"() {
    expect:
    lag('--json') == 1
    out.readLines().size() == 1
    out.startsWith("{\"group\":\"$group\",\"at\":\"")
    out.contains('"level":"WARNING","records":10,"seconds":12')
    out.contains("{\"partition\":\"$source-0\",\"state\":\"STOPPED\",\"owner\":\"\",\"records\":10,\"seconds\":12")
  }

  def "what an open transaction holds back is told with its id, and is no lag"() {
    given:
    def producer = new KafkaProducer<byte[], byte[]>(
        ['bootstrap.servers': bootstrapServers, 'transactional.id': "$group-other".toString()], new ByteArraySerializer(), new ByteArraySerializer())
    producer.initTransactions()
    producer.beginTransaction()
    producer.send(new ProducerRecord<byte[], byte[]>(source, 1, null, 'x'.bytes)).get()

    when:
    lag()

    then:
    out.readLines()[-2] ==~ /$source-1: held back by the open transaction $group-other, \d+\.\d s old/
    out.readLines()[-1].contains(': 10 records,')

    cleanup:
    producer.abortTransaction()
    producer.close(Duration.ZERO)
  }

  def "a group that is not there is measured where its topics are named"() {
    given:
    group = unique('nobody')

    expect:
    lag() == 3
    err == "lag: group $group has neither offsets nor members; check --group, or name its topics by --source\n"

    and:
    lag('--source', source, '--warning', '10,1000', '--critical', '20,2000') == 1
  }

  def "what was measured may be critical though something could not be: #args is #status"() {
    expect:
    lag('--source', "$source,$source-none", *args) == status
    out.contains("CANNOT MEASURE since ")
    out.contains("$source-none: there is no such topic")
    out.readLines()[-1].startsWith(level)

    where:
    args                                            || status | level
    ['--warning', '5,60', '--critical', '20,600']   || 3      | 'UNKNOWN: '
    ['--warning', '5,60', '--critical', '10,600']   || 2      | 'CRITICAL: '
  }

  @Tag('long')
  def "what cannot be measured is 3 and no critical lag, and so is wrong usage: #says"() {
    expect:
    lag(*args) == 3
    err.contains(says)
    out == ''

    where:
    args                                              || says
    ['--bootstrap-servers', '127.0.0.1:1']            || 'lag: Kafka did not answer at 127.0.0.1:1'
    ['--config', 'absent.properties']                 || 'lag: --config absent.properties cannot be read'
    ['--no-such-option']                              || '--no-such-option'
    ['--warning', '0,60']                             || 'lag: --warning 0,60 is no threshold; write records and seconds above 0: 50000,60'
    ['--critical', '100000']                          || 'lag: --critical 100000 is no threshold'
    ['--warning', 'many,60']                          || 'lag: --warning many,60 is no threshold'
    ['--warning', '200000,60']                        || 'lag: --warning 200000,60 is above --critical 100000,300; give it lower values'
    ['--warning', '50000,301']                        || 'is above --critical'
    ['--patience', '0']                               || 'lag: --patience and --every are 1 or more'
  }

  def "--watch measures again and again"() {
    given:
    def outWriter = new StringWriter()
    def command = new CommandLine(new LagCommand()).setOut(new PrintWriter(outWriter))
    def watching = Thread.start {
      command.execute('--bootstrap-servers', bootstrapServers, '--group', group, '--watch', '--every', '1', '--json')
    }

    expect:
    await(Duration.ofSeconds(60)) { assert outWriter.toString().readLines().size() >= 3 }

    cleanup:
    watching.interrupt()
    watching.join(10_000)
  }

  private int lag(Object... args) {
    def outWriter = new StringWriter()
    def errWriter = new StringWriter()
    def given = args.contains('--bootstrap-servers') ? [] : ['--bootstrap-servers', bootstrapServers]
    def status = new CommandLine(new LagCommand()).setOut(new PrintWriter(outWriter)).setErr(new PrintWriter(errWriter))
        .execute([*given, '--group', group, *args]*.toString() as String[])
    out = outWriter.toString()
    err = errWriter.toString()
    status
  }
}
