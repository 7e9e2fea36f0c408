package io.exactlyonce.engine.start

import io.exactlyonce.engine.PipelineSpec
import io.exactlyonce.engine.status.PipelineState
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import spock.lang.Tag

/** Letters and receipts are as large as their topics take, and nothing aborts for ever. */
class OwnTopicsSpec extends PipelineSpec {

  String letters = "$name" + '.dead-letters'

  Handler<String> picky() {
    String to = sink
    return { event ->
      if (event.value().startsWith('no')) throw new IllegalArgumentException('no ' + 'm' * 500)
      Outcome.emit(Output.to(to, event.key(), event.value().take(10)))
    } as Handler<String>
  }

  void limit(String topic, int bytes) {
    kafka.configure(topic, 'max.message.bytes', "$bytes".toString())
  }

  @Tag('long')
  def "a dead letter larger than its topic takes is cut and says so, without an abort (limit #limit)"() {
    given:
    createTopic(letters, 3, ['max.message.bytes': "$limit".toString()])
    def value = 'no' + 'x' * 500_000

    when:
    def pipeline = run(['retry.attempts': '1'], picky()).pipeline()
    produce([record('a', partition: 0), record(value, id: 'fat', key: 'k', partition: 0), record('b', partition: 0)])
    awaitDrained()
    def letter = readCommitted(letters)[0]

    then:
    visible() == ['a', 'b']
    pipeline.counters().aborts.sum() == 0
    header(letter, 'dead-letter-value-cut-from') == '500002'
    header(letter, 'dead-letter-offset') == '1'
    value.startsWith(new String(letter.value()))
    letter.value().length > limit - 9_000
    guarantees.receiptsJoin()

    where:
    limit << [20_000, 4_096]
  }

  @Tag('long')
  def "its topic's limit is lowered while the pipeline runs: some aborts, then the letter is there"() {
    given:
    createTopic(letters, 3)

    when:
    def pipeline = run(['retry.attempts': '1'], picky()).pipeline()
    produce([record('a', partition: 0)])
    await(BOUND) { assert visible() == ['a'] }
    limit(letters, 20_000)
    produce([record('no' + 'x' * 500_000, id: 'fat', key: 'k', partition: 0), record('b', partition: 0), record('c', partition: 1)])
    awaitDrained()
    def aborts = pipeline.counters().aborts.sum()

    then:
    visible() == ['a', 'b', 'c']
    aborts >= 1
    aborts <= 12
    header(readCommitted(letters)[0], 'dead-letter-value-cut-from') == '500002'
    guarantees.receiptsJoin()

    when: 'the next one is cut at once'
    produce([record('no' + 'x' * 500_000, id: 'fat2', key: 'k', partition: 0)])
    awaitDrained()

    then:
    readCommitted(letters).size() == 2
    pipeline.counters().aborts.sum() == aborts
  }

  @Tag('long')
  def "max.request.size was raised, the dead letters' topic was not"() {
    given:
    limit(source, 4_000_000)
    def big = 'no' + 'x' * 2_500_000

    when:
    def pipeline = run(['retry.attempts': '1', 'producer.max.request.size': '4000000'], picky()).pipeline()
    kafka.produce([record('a', partition: 0), record('b', partition: 0)])
    bigProducer().withCloseable { it.send(record(big, id: 'fat', key: 'k', partition: 0)).get() }
    produce([record('c', partition: 0)])
    awaitDrained()

    then:
    visible() == ['a', 'b', 'c']
    pipeline.counters().aborts.sum() == 0
    header(readCommitted(letters)[0], 'dead-letter-value-cut-from') == "${big.length()}"
    readCommitted(letters)[0].value().length > 1_000_000
  }

  def bigProducer() {
    new org.apache.kafka.clients.producer.KafkaProducer<byte[], byte[]>(['bootstrap.servers': bootstrapServers, 'max.request.size': 4_000_000],
        new org.apache.kafka.common.serialization.ByteArraySerializer(), new org.apache.kafka.common.serialization.ByteArraySerializer())
  }

  @Tag('long')
  def "a transaction of duplicates alone commits before its receipt is too large"() {
    given:
    createTopic("$name" + '.receipts', 1, ['max.message.bytes': '20000'])

    when:
    def pipeline = run(['commit-records': '10000000', 'commit-interval': '8s', 'commit-floor': '8s']).pipeline()
    produce((0..<9_000).collect { record("same", partition: it % 3) })
    awaitDrained()

    then:
    visible() == ['same']
    pipeline.counters().aborts.sum() == 0
    receipts()*.spans().flatten().sum { it.duplicates().size() } == 8_999
    readCommitted("$name" + '.receipts').every { it.value().length < 20_000 }
    guarantees.receiptsJoin()
  }

  def "#topic that is compacted is refused at the start"() {
    given:
    createTopic("${name}.$topic".toString(), 3, ['cleanup.policy': 'compact'])

    when:
    def pipeline = run([ordering: 'none', 'retry.topics': '1m']).pipeline()
    await(BOUND) { assert pipeline.status().state() == PipelineState.FAILED }

    then:
    pipeline.status().trouble().contains("${name}.$topic")
    pipeline.status().trouble().contains('is compacted (cleanup.policy compact), which loses records; set it to delete')

    where:
    topic << ['dead-letters', 'receipts', 'retry.1m']
  }

  def "a dead letters' topic that takes next to nothing is refused at the start"() {
    given:
    createTopic(letters, 3, ['max.message.bytes': '1000'])

    when:
    def pipeline = run().pipeline()
    await(BOUND) { assert pipeline.status().state() == PipelineState.FAILED }

    then:
    pipeline.status().trouble().contains('takes at most 1000 bytes a record, too few for the headers of a dead letter')
  }

  def "dead letters and retry topics are created with the source's partitions"() {
    when:
    def pipeline = run([ordering: 'none', 'retry.topics': '1m', 'topics.partitions': '7']).pipeline()
    await(BOUND) { assert pipeline.status().ready }

    then:
    admin.describeTopics([letters, "${name}.retry.1m".toString(), "${name}.receipts".toString()]).allTopicNames().get()
        .collectEntries { [it.key - "$name.".toString(), it.value.partitions().size()] } == ['dead-letters': 3, 'retry.1m': 3, receipts: 7]
  }
}
