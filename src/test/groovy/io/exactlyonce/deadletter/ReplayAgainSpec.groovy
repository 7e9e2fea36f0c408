package io.exactlyonce.deadletter

import io.exactlyonce.handler.Handler
import org.apache.kafka.clients.consumer.OffsetAndMetadata
import org.apache.kafka.common.TopicPartition
import spock.lang.Tag

/** Replays after others: of a topic made anew, by an older version, at once, after a refusal. */
class ReplayAgainSpec extends ReplayedLetters {

  @Tag('long')
  def "letters of a topic made anew are others: no list or offset of before hides them (pipeline #state)"() {
    given: 'three letters that were replayed'
    createTopic("${name}.dead-letters")
    broken.addAll(['a', 'b', 'c'])
    def first = start()
    produce(['a', 'b', 'c'].collect { record(it, partition: 0) })
    awaitDrained()
    broken.clear()
    replay()
    awaitDrained()
    if (state == 'down') first.close()
    def stood = replayOffset()

    when:
    admin.deleteTopics(["${name}.dead-letters".toString()]).all().get()
    await(BOUND) { assert !(("${name}.dead-letters" as String) in admin.listTopics().names().get()) }
    createTopic("${name}.dead-letters")
    broken.addAll(['d', 'e'])
    if (state == 'down') start()
    // The broker forgets a deleted topic's offsets some time later; a replay that still ran could write them anew.
    admin.alterConsumerGroupOffsets("${name}.replay", [(new TopicPartition("${name}.dead-letters", 0)): stood]).all().get()
    produce(['d', 'e'].collect { record(it, partition: 0) })
    awaitDrained()
    broken.clear()
    def status = replay()
    awaitDrained()

    then:
    status == 0
    last == 'replayed 2, replayed earlier 0, not selected 0, refused 0'
    visible() == ['a', 'b', 'c', 'd', 'e']

    and: 'the offsets say of which topic they are'
    def now = replayOffset()
    stood.metadata() != now.metadata()
    now.metadata() == admin.describeTopics(["${name}.dead-letters".toString()]).allTopicNames().get().values()[0].topicId().toString()

    where:
    state << ['down', 'running']
  }

  @Tag('long')
  def "an offset that an older version wrote, without its topic's id, still says what was replayed"() {
    given:
    broken.addAll(['a', 'b'])
    start()
    produce(['a', 'b'].collect { record(it, partition: 0) })
    awaitDrained()
    broken.clear()
    admin.alterConsumerGroupOffsets("${name}.replay",
        letters().collectEntries { [new TopicPartition(it.topic(), it.partition()), new OffsetAndMetadata(it.offset() + 1)] }).all().get()

    expect:
    replay() == 0
    last == 'replayed 0, replayed earlier 0, not selected 0, refused 0'
  }

  @Tag('long')
  def "a letter that its source refuses is named, nothing of its transaction is committed, and it can be replayed later"() {
    given: 'one of some KB that cannot be compressed'
    def large = (0..<200).collect { UUID.randomUUID() }.join()
    broken.addAll(['a', large])
    start('guard.store': 'off')
    produce([record('a', partition: 0), record(large, partition: 0, id: 'b', key: 'b')])
    awaitDrained()
    broken.clear()
    def refused = at(letters().find { it.value().length > 1 })
    limit(source, '2000')

    when:
    def status = replay()

    then:
    status == 2
    err.contains("replay: $refused cannot be written to $source-0: org.apache.kafka.common.errors.RecordTooLargeException")
    replayed().empty

    when:
    limit(source, '1000000')
    replay()
    awaitDrained()

    then:
    last == 'replayed 2, replayed earlier 0, not selected 0, refused 0'
    visible() == ['a', large].sort()
  }

  @Tag('long')
  def "what another replay commits until it is fenced is on the list that the next one reads"() {
    given: 'two letters, of which the other replay chooses the second, so that the offsets stay before both'
    broken << 'a' << 'b'
    start()
    produce([record('a', id: 'id-a', partition: 0), record('b', id: 'id-b', partition: 0)])
    awaitDrained()
    broken.clear()
    def onlyB = new ReplayFilter(null, null, Set.of(), Set.of(), Set.of('id-b'), Set.of(), Set.of())

    when:
    def report = fromCode { replayFromCode(onlyB) { } }

    then:
    report.replayed() == 1
    report.before() == 1
    await(BOUND) { assert isSettled(source) }
    replayed()*.value().collect { new String(it) }.sort() == ['a', 'b']
  }

  @Tag('long')
  def "a letter of a record that was a letter already is the later one's: it goes back to where that came from"() {
    given: "a second pipeline reads the first one's dead letters, and fails"
    def second = "$name-second".toString()
    createTopic("$second-out")
    broken << 'bad'
    start()
    def reader = io.exactlyonce.wiring.TestPipeline.start(second,
        [source: "${name}.dead-letters".toString(), sinks: "$second-out".toString(), 'retry.attempts': '1'],
        { event -> throw new IOException('second') } as Handler<String>, bootstrapServers, redisUri)
    opened << reader
    produce([record('bad', partition: 1)])
    awaitDrained()
    await(BOUND) { assert ("${second}.dead-letters" as String) in admin.listTopics().names().get() && readCommitted("${second}.dead-letters").size() == 1 }
    def letter = letters()[0]
    def again = new Letter(readCommitted("${second}.dead-letters")[0])

    expect:
    again.group() == second
    again.exception() == 'java.io.IOException'
    again.source().toString() == at(letter)
    new Letter(letter).source().toString() == "$source-1@0"

    when:
    reader.close()
    def status = replay('--group', second)
    await(BOUND) { assert isSettled("${name}.dead-letters") }

    then: "with the first letter's headers, and none of the second's"
    status == 0
    letters().size() == 2
    with(letters().find { header(it, 'replay-of') != null }) {
      headers()*.key().count { it == 'dead-letter-topic' } == 1
      header(it, 'dead-letter-topic') == source
      header(it, 'replay-source') == at(letter)
    }
  }

  OffsetAndMetadata replayOffset() {
    admin.listConsumerGroupOffsets("${name}.replay").partitionsToOffsetAndMetadata().get()[new TopicPartition("${name}.dead-letters", 0)]
  }

  ReplayReport fromCode(Closure beforeFence) {
    replayFromCode(ReplayFilter.all(), beforeFence)
  }
}
