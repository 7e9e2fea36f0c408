package io.exactlyonce.engine

import io.exactlyonce.cli.RewindCommand
import io.exactlyonce.receipt.HandMadePipeline
import io.exactlyonce.receipt.Rewind
import io.exactlyonce.receipt.StoppedGroup
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions
import org.apache.kafka.clients.admin.RecordsToDelete
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata
import org.apache.kafka.clients.consumer.KafkaConsumer
import org.apache.kafka.clients.consumer.OffsetAndMetadata
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.Producer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.KafkaException
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.Uuid
import org.apache.kafka.common.serialization.ByteArrayDeserializer
import org.apache.kafka.common.serialization.ByteArraySerializer
import picocli.CommandLine
import spock.lang.Tag

import java.time.Clock
import java.time.Duration
import java.time.Instant

/** Records are processed again on purpose: with the group stopped, the guard kept and a receipt that says so. */
class RewindSpec extends PipelineSpec {

  String out
  String err

  @Tag('long')
  def "a rewind moves the offset with a receipt of its own; records come again, duplicates stay dropped (#protocol, #membership)"() {
    given:
    def settings = ['group-protocol': protocol, 'membership': membership]
    processed((0..<20).collect { record("v$it", partition: 0) }, settings)
    processed((0..<20).collect { record("v$it", partition: 1) }, settings)
    await(BOUND) { assert admin.describeConsumerGroups([name]).all().get()[name].members().empty } // a static one stays for its session

    when:
    def status = rewind('--to', "$source-0@5,$source-1@0")

    then:
    status == 0
    out.readLines() == ["$source-0: 20 -> 5", "$source-1: 20 -> 0", 'rewound 2 partitions; start the pipeline']*.toString()

    and: 'the offsets name the topic, the receipt says from where to where'
    committed(0).offset() == 5 && committed(0).metadata() == topicId().toString()
    def receipt = receipts().find { it.decisions()*.done() == ['rewind', 'rewind'] }
    receipt.spans().collect { [it.topic(), it.topicId(), it.partition(), it.from(), it.to()] } ==
        [[source, topicId(), 0, 20L, 5L], [source, topicId(), 1, 20L, 0L]]
    receipt.decisions()*.at() == ["$source-0@20", "$source-1@20"]*.toString()
    receipt.decisions()*.why() == ['it was a test'] * 2
    receipt.decisions()*.who() == ['somebody'] * 2

    when:
    run(settings)
    awaitDrained()

    then:
    visible().countBy { it } == (0..<20).collectEntries { ["v$it".toString(), it < 5 ? 1 : 2] }
    receipts()*.spans().flatten().sum { it.duplicates().size() } == 40

    where:
    protocol   | membership
    'classic'  | 'dynamic'
    'consumer' | 'dynamic'
    'classic'  | 'static'
  }

  @Tag('long')
  def "to a time, or to the beginning of what is there: all partitions but those of retry topics"() {
    given:
    def hour = System.currentTimeMillis() - 3_600_000
    processed((0..<3).collectMany { p -> (0..<10).collect { earlier(p, it, it < 6 ? hour : hour + 1_800_000) } })
    retryTopic()

    expect:
    rewind('--to-time', Instant.ofEpochMilli(hour + 1).toString(), '--dry-run') == 0
    out.readLines() == (0..2).collect { "$source-$it: 10 -> 6".toString() } + ['would rewind 3 partitions']
    rewind('--to-time', 'PT45M', '--source', source, '--dry-run') == 0
    out.readLines().size() == 4
    committed(0).offset() == 10

    when: 'some of it is gone'
    admin.deleteRecords([(new TopicPartition(source, 1)): RecordsToDelete.beforeOffset(4)]).all().get()
    rewind('--all-to-beginning')

    then:
    (0..2).collect { committed(it).offset() } == [0L, 4L, 0L]

    when: 'there is nothing left to go back to'
    def again = rewind('--all-to-beginning')

    then:
    again == 2
    err == "rewind: nothing to rewind: the group's offsets are not past that point\n"

    and: 'a retry topic is moved where it is named'
    rewind('--all-to-beginning', '--source', "${name}.retry.1m") == 0
    out.contains("${name}.retry.1m-0: 1 -> 0")
  }

  @Tag('long')
  def "what is no way back is refused, and moves nothing: #says"() {
    given:
    processed((0..<10).collect { record("v$it", partition: 0) })
    admin.deleteRecords([(new TopicPartition(source, 0)): RecordsToDelete.beforeOffset(3)]).all().get()
    def args = arguments.collect { it.replace('SOURCE', source) }

    expect:
    rewind(*args) == 2
    err.startsWith('rewind: ')
    err.readLines().size() == 1
    err.contains(says.replace('SOURCE', source).replace('GROUP', name))
    committed(0).offset() == 10
    receipts().every { it.decisions().empty }

    where:
    arguments                                         || says
    ['--to', 'SOURCE-0@10']                           || "the group's offset of SOURCE-0 is 10, and 10 is not before it; to move past lost records use accept-loss"
    ['--to', 'SOURCE-0@400']                          || "the group's offset of SOURCE-0 is 10, and 400 is not before it"
    ['--to', 'SOURCE-0@2']                            || 'SOURCE-0 begins at 3: the records from 2 on are gone'
    ['--to', 'SOURCE-2@0']                            || 'group GROUP has no offset of SOURCE-2'
    ['--to', 'SOURCE-3@0']                            || 'there is no SOURCE-3: SOURCE has 3 partitions'
    ['--to', 'no-such-topic-0@0']                     || 'topic no-such-topic does not exist'
    ['--to', 'SOURCE-0@-1']                           || '--to SOURCE-0@-1 is no position; write orders-3@17'
    ['--to', 'SOURCE-0@4,SOURCE-0@5']                 || '--to names SOURCE-0 twice'
    ['--to', 'SOURCE-0@4', '--source', 'x']           || '--source goes with --to-time or --all-to-beginning'
    ['--to-time', 'yesterday']                        || '--to-time yesterday is no time; write'
    ['--to-time', '2999-01-01T00:00:00Z']             || 'nothing to rewind'
    ['--all-to-beginning', '--source', 'other']       || 'group GROUP has no offsets of topics [other]'
    ['--to', 'SOURCE-0@4', '--receipts', 'no-topic']  || 'topic no-topic does not exist'
    ['--to', 'SOURCE-0@4', '--because', ' ']          || '--because is empty'
  }

  @Tag('long')
  def "a group with members is refused, at first sight and where one joins in between"() {
    given:
    def running = run()
    produce((0..<10).collect { record("v$it", partition: 0) })
    awaitDrained()

    expect:
    rewind('--to', "$source-0@4") == 2
    err == "rewind: group $name has members [$name-test-0]; stop the pipeline on every instance\n"
    rewind('--to', "$source-0@4", '--dry-run') == 2

    when:
    running.close()
    new Rewind(stopped { joined() }).with { it.run(it.plan(new Rewind.Target.Offsets([(new TopicPartition(source, 0)): 4L])), 'why', '') }

    then:
    def refused = thrown(KafkaException)
    refused.message.contains('has members')
    committed(0).offset() == 10
    receipts().every { it.decisions().empty }
  }

  /** The group as the command takes it, and what happens just before the offsets are sent. */
  StoppedGroup stopped(Closure before) {
    def pipeline = new HandMadePipeline(bootstrapServers, admin, name, source, sink)
    opened << pipeline
    def settings = ['bootstrap.servers': bootstrapServers, 'transactional.id': "$name-rewind".toString()]
    new StoppedGroup(name, "${name}.receipts", admin, { member() },
        { id -> new Interrupted(new KafkaProducer(settings, new ByteArraySerializer(), new ByteArraySerializer()), before) },
        Clock.systemUTC(), Duration.ofSeconds(30))
  }

  KafkaConsumer<byte[], byte[]> member() {
    new KafkaConsumer<>(['bootstrap.servers': bootstrapServers, 'group.id': name, 'enable.auto.commit': false, 'isolation.level': 'read_committed'],
        new ByteArrayDeserializer(), new ByteArrayDeserializer())
  }

  void joined() {
    def member = member()
    opened << member
    member.subscribe([source])
    await(BOUND) { member.poll(Duration.ofMillis(100)); assert !member.assignment().empty }
  }

  static class Interrupted implements Producer<byte[], byte[]> {
    @Delegate
    final KafkaProducer<byte[], byte[]> producer
    final Closure before

    Interrupted(KafkaProducer<byte[], byte[]> producer, Closure before) {
      this.producer = producer
      this.before = before
    }

    @Override
    void sendOffsetsToTransaction(Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata group) {
      before()
      producer.sendOffsetsToTransaction(offsets, group)
    }
  }

  @Tag('long')
  def "an offset of an earlier topic of that name is refused: it says nothing of the records that are there"() {
    given:
    processed([record('v0', partition: 0), record('v1', partition: 0)])
    def earlier = Uuid.randomUuid()
    admin.alterConsumerGroupOffsets(name, [(new TopicPartition(source, 0)): new OffsetAndMetadata(2, earlier.toString())]).all().get()

    expect:
    rewind('--to', "$source-0@1") == 2
    err.contains("the group's offset 2 is one of an earlier topic of that name (id $earlier, now ${topicId()}); start the pipeline")
    rewind('--all-to-beginning') == 2
    committed(0).offset() == 2
  }

  @Tag('long')
  def "a group whose offsets vanish after a rewind goes on where it was set back to"() {
    given:
    processed((0..<20).collect { record("v$it", partition: 0) })
    rewind('--to', "$source-0@15")

    when:
    admin.deleteConsumerGroups([name]).all().get()
    def running = run()
    awaitDrained()

    then:
    visible().countBy { it }.findAll { it.value == 2 }.keySet() == (15..19).collect { "v$it".toString() }.toSet()

    when: 'they vanish again, once it has passed that'
    running.close()
    admin.deleteConsumerGroups([name]).all().get()
    run()
    produce([record('last', partition: 0)])
    awaitDrained()

    then:
    visible().size() == 26
  }

  void processed(List<ProducerRecord<byte[], byte[]>> records, Map<String, String> settings = [:]) {
    def running = run(settings)
    produce(records)
    awaitDrained()
    running.close()
  }

  ProducerRecord<byte[], byte[]> earlier(int partition, int number, long millis) {
    def made = record("v$partition-$number", partition: partition)
    new ProducerRecord<byte[], byte[]>(source, partition, millis, made.key(), made.value(), made.headers())
  }

  /** As if the group had read one record of it. */
  void retryTopic() {
    createTopic("${name}.retry.1m")
    def partition = new TopicPartition("${name}.retry.1m", 0)
    produce([new ProducerRecord<byte[], byte[]>(partition.topic(), 0, null, 'x'.bytes)])
    admin.alterConsumerGroupOffsets(name, [(partition): new OffsetAndMetadata(1)]).all().get()
  }

  /** A transaction may be committed before its markers are written; until then the offset is left out. */
  OffsetAndMetadata committed(int partition) {
    def at = new TopicPartition(source, partition)
    def found = [:]
    await(BOUND) {
      found = admin.listConsumerGroupOffsets(name, new ListConsumerGroupOffsetsOptions().requireStable(true)).partitionsToOffsetAndMetadata().get()
      assert found.containsKey(at)
    }
    found[at] as OffsetAndMetadata
  }

  Uuid topicId() {
    admin.describeTopics([source]).allTopicNames().get()[source].topicId()
  }

  int rewind(String... args) {
    def outWriter = new StringWriter()
    def errWriter = new StringWriter()
    def because = args.contains('--because') ? [] : ['--because', 'it was a test']
    def status = new CommandLine(new RewindCommand())
        .setOut(new PrintWriter(outWriter)).setErr(new PrintWriter(errWriter))
        .execute(['--bootstrap-servers', bootstrapServers, '--group', name, '--by', 'somebody', *because, *args] as String[])
    out = outWriter
    err = errWriter
    status
  }
}
