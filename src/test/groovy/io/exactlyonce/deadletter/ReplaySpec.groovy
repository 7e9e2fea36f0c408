package io.exactlyonce.deadletter

import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.header.internals.RecordHeader
import spock.lang.Tag

import java.time.Instant

/** Dead letters go back to their source, and the guard admits each once though its id is claimed. */
class ReplaySpec extends ReplayedLetters {

  @Tag('long')
  def "a letter goes back as it was, marked with its origin, is processed once, and a second replay does nothing"() {
    given:
    broken << 'bad' << 'io-bad'
    start()
    def own = [new RecordHeader('event-id', 'bad'.bytes), new RecordHeader('h', 'x'.bytes), new RecordHeader('h', (byte[]) null)]
    produce([record('good', partition: 0), new ProducerRecord(source, 2, 'k'.bytes, 'bad'.bytes, own), record('io-bad', partition: 1)])
    awaitDrained()

    expect:
    visible() == ['good']

    when:
    broken.clear()
    def status = replay()
    awaitDrained()

    then:
    status == 0
    last == 'replayed 2, replayed earlier 0, not selected 0, refused 0'
    visible() == ['bad', 'good', 'io-bad']
    duplicates() == 0

    and: 'as it was'
    def letter = letters().find { new String(it.value()) == 'bad' }
    with(replayed().find { new String(it.value()) == 'bad' }) {
      it.partition() == 2
      new String(it.key()) == 'k'
      it.headers().toArray().take(3) as List == own
      it.headers()*.key().drop(3) == ['replay-of', 'replay-source', 'replay-source-topic-id']
      header(it, 'replay-of') == at(letter)
      header(it, 'replay-source') == "$source-2@0"
    }

    when:
    def again = replay()
    awaitDrained()

    then:
    again == 0
    last == 'replayed 0, replayed earlier 2, not selected 0, refused 0'
    replayed().size() == 2
    visible() == ['bad', 'good', 'io-bad']
    guarantees.receiptsJoin()

    and: "the replay's group says that nothing is left"
    replayGroup() == letters().groupBy { it.partition() }.collectEntries { p, all -> [p, true] }
  }

  @Tag('long')
  def "a letter that fails again is a letter again, and can be replayed again: the claim moves on each time"() {
    given:
    broken << 'bad'
    start()
    produce([record('bad', partition: 0)])
    awaitDrained()

    when:
    (1..3).each {
      assert replay() == 0
      awaitDrained()
    }

    then:
    letters().size() == 4
    visible() == []

    when:
    broken.clear()
    replay()
    awaitDrained()
    produce([record('bad', partition: 1)])
    produce(replayed().collect { forged(it.headers().collectEntries { h -> [h.key(), new String(h.value())] }, 'bad') })
    awaitDrained()

    then: 'neither upstream nor any older letter opens the guard again'
    visible() == ['bad']
    duplicates() == 5
  }

  def "a header proves nothing: what names a letter falsely is a duplicate as before"() {
    given:
    broken << 'bad' << 'worse'
    start()
    produce((0..<7).collect { record("good$it", partition: 0) } + record('bad', partition: 0) + record('worse', partition: 0))
    awaitDrained()
    def bad = at(letters().find { new String(it.value()) == 'bad' })
    broken.clear()
    def lies = [
        ['replay-of': "${name}.dead-letters-0@9999", 'replay-source': "$source-0@0"],
        ['replay-of': "${name}.dead-letters-99@0", 'replay-source': "$source-0@1"],
        ['replay-of': "$sink-0@0", 'replay-source': "$source-0@2"],
        // A letter that is there, of another record and with its true source; then with a false one.
        ['replay-of': bad, 'replay-source': "$source-0@7"],
        ['replay-of': bad, 'replay-source': "$source-0@4"],
        ['replay-of': 'x', 'replay-source': 'y'],
        ['replay-of': bad]]

    when:
    produce(lies.indexed().collect { i, headers -> forged(['event-id': "good$i".toString()] + headers, "good$i") } + record('sentinel', partition: 0))
    awaitDrained()

    then:
    visible() == (0..<7).collect { "good$it".toString() } + ['sentinel']
    duplicates() == 7
    letters().size() == 2
  }

  @Tag('long')
  def "a letter vouches in its own group only: another group's guard drops the replayed record"() {
    given: 'two groups that share even the topic of dead letters; this one succeeded where the other failed'
    def other = "$name-other".toString()
    createTopic("$other-out")
    broken << 'bad'
    start()
    def fine = io.exactlyonce.wiring.TestPipeline.start(other,
        [source: source, sinks: "$other-out".toString(), 'dead-letters': "${name}.dead-letters".toString()],
        { event -> Outcome.emit(Output.to("$other-out".toString(), event.key(), event.value())) } as Handler<String>,
        bootstrapServers, redisUri)
    opened << fine
    produce([record('bad', partition: 0)])
    awaitDrained()
    await(BOUND) { assert values(readCommitted("$other-out")) == ['bad'] }

    when:
    broken.clear()
    replay()
    awaitDrained()
    produce([record('sentinel', partition: 0)])
    await(BOUND) { assert 'sentinel' in values(readCommitted("$other-out")) }
    awaitDrained()

    then:
    visible() == ['bad', 'sentinel']
    values(readCommitted("$other-out")) == ['bad', 'sentinel']
  }

  @Tag('long')
  def "what a filter did not choose can be replayed later"() {
    given:
    broken << 'a' << 'b' << 'io-c'
    start()
    produce(['a', 'b', 'io-c'].collect { record(it, partition: 0) })
    awaitDrained()
    broken.clear()
    def b = letters().find { new String(it.value()) == 'b' }

    expect: 'each filter, shown by a dry run'
    [['--exception', 'java.io.IOException']                   : ['io-c'],
     ['--exception', 'IllegalStateException']                 : ['a', 'b'],
     ['--reason', 'The Handler Threw']                        : ['a', 'b', 'io-c'],
     ['--reason', 'nothing like it']                          : [],
     ['--reason', 'nothing like it', '--reason', '1 attempts'] : ['a', 'b', 'io-c'],
     ['--id', 'a', '--id', 'io-c']                            : ['a', 'io-c'],
     ['--position', "$source-0@1".toString()]                 : ['b'],
     ['--position', at(b)]                                    : ['b'],
     ['--since', 'PT1H']                                      : ['a', 'b', 'io-c'],
     ['--until', 'PT1H']                                      : [],
     ['--since', b.timestamp().with { Instant.ofEpochMilli(it - 60_000).toString() }] : ['a', 'b', 'io-c'],
     ['--until', b.timestamp().with { Instant.ofEpochMilli(it - 60_000).toString() }] : [],
     ['--exception', 'IllegalStateException', '--id', 'b']    : ['b']].each { args, chosen ->
      assert replay('--dry-run', *args) == 0
      assert last == "would replay ${chosen.size()}, replayed earlier 0, not selected ${3 - chosen.size()}, refused 0"
      chosen.each { assert out.contains("  $it  ") }
    }

    when:
    replay('--exception', 'IOException')
    awaitDrained()

    then:
    visible() == ['io-c']

    when:
    replay()
    awaitDrained()

    then:
    visible() == ['a', 'b', 'io-c']
    replayed().size() == 3
    duplicates() == 0
  }

  /** Per partition that holds letters: whether the group's offset is behind the last one. */
  Map<Integer, Boolean> replayGroup() {
    def committed = admin.listConsumerGroupOffsets("${name}.replay").partitionsToOffsetAndMetadata().get()
    letters().groupBy { it.partition() }.collectEntries { p, all ->
      [p, committed.find { it.key.partition() == p }.value.offset() > all*.offset().max()]
    }
  }
}
