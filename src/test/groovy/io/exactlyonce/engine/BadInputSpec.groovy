package io.exactlyonce.engine

import io.exactlyonce.engine.spi.InputCodec
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import io.exactlyonce.wiring.TestPipeline
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.clients.producer.ProducerRecord
import spock.lang.Tag

import java.time.Duration
import java.util.concurrent.atomic.AtomicInteger
import java.util.concurrent.locks.LockSupport

/** Class F7: a record that cannot be processed becomes a dead letter, and the pipeline goes on. */
class BadInputSpec extends PipelineSpec {

  Handler<String> picky() {
    String to = sink
    return { event ->
      switch (event.value()) {
        case 'throws': throw new IllegalStateException('no luck')
        case 'refused': return Outcome.deadLetter('cents is not above 0')
        case 'null': return null
        case 'elsewhere': return Outcome.emit(Output.to('nowhere', 'k', 'v'))
        case 'unwritable': return Outcome.emit(Output.to(to, 'k', 'first'), Output.to(to, 'k', new Unwritable()))
        case 'grows': return Outcome.emit(Output.to(to, 'k', 'x' * 2_000_000))
        case 'error': throw new StackOverflowError()
        default: return Outcome.emit(Output.to(to, event.key(), event.value()))
      }
    } as Handler<String>
  }

  /** The spec's outputs are written by their text. */
  static class Unwritable {
    @Override
    String toString() {
      throw new IllegalStateException('it holds itself')
    }
  }

  /** With a deserializer that some records are too much for. */
  void decoding() {
    def text = { ConsumerRecord<byte[], byte[]> it ->
      def value = new String(it.value())
      if (value == 'garbled') throw new IOException('no JSON')
      if (value == 'deep') throw new StackOverflowError()
      value
    } as InputCodec<String>
    def settings = [source: source, sinks: sink, 'retry.backoff': '1ms']
    opened << TestPipeline.start(name, settings, picky(), text, bootstrapServers, redisUri)
  }

  @Tag('long')
  def "#what becomes a dead letter with position and reason, and its neighbours commit"() {
    when:
    decoding()
    produce([record('before', partition: 0), bad(this), record('after', partition: 0)])
    awaitDrained()
    def letters = readCommitted(name + '.dead-letters')

    then:
    visible() == ['after', 'before']
    letters.size() == 1
    header(letters[0], 'dead-letter-topic') == source
    header(letters[0], 'dead-letter-partition') == '0'
    header(letters[0], 'dead-letter-offset') == '1'
    header(letters[0], 'dead-letter-reason').contains(reason)
    header(letters[0], 'dead-letter-attempts') == "$attempts"

    and: 'its receipt lists it, in the same transaction'
    receipts()*.spans().flatten()*.deadLetters().flatten() == [1L]
    guarantees.receiptsJoin()

    and: 'it is the record as it was'
    def was = readCommitted(source).find { it.partition() == 0 && it.offset() == 1 }
    letters[0].key() == was.key()
    letters[0].value() == was.value()
    letters[0].headers().toArray().take(was.headers().size()) == was.headers().toArray()

    where:
    what                       | bad                                                    || reason                    | attempts
    'no event id'              | { it.record('x', partition: 0, id: null) }             || 'has no event id'         | 0
    'an event id no UTF-8'     | { it.record('x', partition: 0, id: [0xC3, 0x28] as byte[]) } || 'not UTF-8'          | 0
    'an event id too long'     | { it.record('x', partition: 0, id: 'i' * 1025) }       || 'at most 1024 bytes'      | 0
    'a null value'             | { new ProducerRecord(it.source, 0, 'k'.bytes, null, it.record('n').headers()) } || 'has no value' | 0
    'what cannot be decoded'   | { it.record('garbled', partition: 0) }                 || 'cannot be decoded'       | 0
    'what nests too deep'      | { it.record('deep', partition: 0) }                    || 'cannot be decoded'       | 0
    'a refusal'                | { it.record('refused', partition: 0) }                 || 'cents is not above 0'    | 1
    'a handler that throws'    | { it.record('throws', partition: 0) }                  || 'threw at each of 3'      | 3
    'a handler that overflows' | { it.record('error', partition: 0) }                   || 'threw at each of 3'      | 3
    'a handler that says null' | { it.record('null', partition: 0) }                    || 'returned null'           | 1
    'an output to no sink'     | { it.record('elsewhere', partition: 0) }               || 'not a sink'              | 1
    'an output not writable'   | { it.record('unwritable', partition: 0) }              || 'output 1 cannot be serialized' | 1
    'an output too large'      | { it.record('grows', partition: 0) }                   || 'more than the'           | 1
  }

  @Tag('long')
  def "a record of 900 KB is processed, and as a dead letter keeps its bytes"() {
    given:
    def big = 'y' * 900_000

    when:
    run([:], picky())
    produce([record(big, id: 'big-1', key: 'k', partition: 0), record(big, id: null, key: 'k', partition: 0), record('after', partition: 0)])
    awaitDrained()

    then:
    visible() == ['after', big]
    values(readCommitted(name + '.dead-letters')) == [big]
  }

  def "a handler that throws twice and then succeeds is no dead letter, and keeps its place"() {
    given:
    String to = sink
    def calls = new AtomicInteger()
    def moody = { event ->
      if (event.value() == 'moody' && calls.incrementAndGet() < 3) throw new IOException('not yet')
      Outcome.emit(Output.to(to, 'k', event.value()))
    } as Handler<String>

    when:
    run([:], moody)
    produce([record('a', partition: 0), record('moody', partition: 0), record('b', partition: 0)])
    awaitDrained()

    then:
    values(readCommitted(sink)) == ['a', 'moody', 'b']
    readCommitted(name + '.dead-letters').empty
  }

  @Tag('long')
  def "an output that the topic refuses aborts once, then its record is a dead letter and the others commit"() {
    given: 'a topic that takes less than the producer would send'
    kafka.configure(sink, 'max.message.bytes', '5000')

    when:
    def running = run()
    produce([record('before', partition: 0), record('z' * 20_000, id: 'fat', partition: 0)] + (0..<50).collect { record("v$it", partition: it % 3) })
    awaitDrained()
    def letters = readCommitted(name + '.dead-letters')

    then:
    visible() == (['before'] + (0..<50).collect { "v$it" })*.toString().sort()
    letters.size() == 1
    header(letters[0], 'dead-letter-reason').contains('too large for its topic')
    running.pipeline().counters().aborts.sum() >= 1
    guarantees.receiptsJoin()
  }

  @Tag('long')
  def "nobody pays for a neighbour that the broker refuses: #what in a transaction whose other outputs still wait to be sent"() {
    given: 'batches that such an output fills by itself, so that it goes ahead while small outputs linger'
    String to = sink
    def picky = { event ->
      boolean wrong = event.value().startsWith('bad')
      Outcome.emit(Output.to(to, wrong && !key ? null : event.key(), wrong ? 'z' * size : event.value()))
    } as Handler<String>
    kafka.configure(sink, setting, refusing(setting))

    when: 'more comes once it was refused, and finds the transaction failed'
    def running = run(['producer.batch.size': 2000, 'producer.linger.ms': 20000, 'commit-floor': '4s', 'commit-interval': '4s'], picky)
    def early = (0..<40).collect { "v$it".toString() }
    produce(early.collect { record(it, partition: 0) } + (0..<bad).collect { record("bad$it", partition: 0) } + [record('behind', partition: 0)])
    await(BOUND) {
      produce([record('late', partition: 0)])
      assert running.pipeline().counters().aborts.sum() > 0
    }
    awaitDrained()

    then:
    visible().toSet() == (early + ['behind', 'late']).toSet()
    values(readCommitted(name + '.dead-letters')).sort() == (0..<bad).collect { "bad$it".toString() }
    guarantees.receiptsJoin()

    where:
    what                        | setting             | size   | key   | bad
    'one too large'             | 'max.message.bytes' | 20_000 | true  | 1
    'three too large'           | 'max.message.bytes' | 20_000 | true  | 3
    'one that has no key'       | 'cleanup.policy'    | 3_000  | false | 1
    'three that have no key'    | 'cleanup.policy'    | 3_000  | false | 3
  }

  @Tag('long')
  def "an output that is refused while its transaction is still open is known at once"() {
    given: 'a neighbour that keeps the transaction being sent to for longer than a refusal takes'
    String to = sink
    def slow = { event ->
      boolean wrong = event.value() == 'bad'
      if (!wrong) LockSupport.parkNanos(20_000_000)
      Outcome.emit(Output.to(to, wrong ? null : event.key(), event.value()))
    } as Handler<String>
    kafka.configure(sink, 'cleanup.policy', 'compact')
    def good = (0..<100).collect { "v$it".toString() }

    and: 'a first transaction, which waits for no floor'
    def running = run(['commit-floor': '4s', 'commit-interval': '4s'], slow)
    produce([record('first', partition: 2)])
    awaitDrained()

    when:
    produce(good.collect { record(it, partition: 0) } + record('bad', partition: 1))
    awaitDrained()

    then:
    running.pipeline().counters().aborts.sum() == 1
    values(readCommitted(name + '.dead-letters')) == ['bad']
    visible().toSet() == (good + 'first').toSet()
    guarantees.receiptsJoin()
  }

  @Tag('long')
  def "one refused output after the other costs an abort each, and the wait between aborts does not grow"() {
    given: 'so many that a wait that grows, up to two seconds, would be several times as long in most of them'
    int many = 24
    String to = sink
    def keyless = { event -> Outcome.emit(Output.to(to, null, event.value())) } as Handler<String>
    kafka.configure(sink, 'cleanup.policy', 'compact')
    produce((0..<many).collect { record("bad$it", partition: 0) })

    when:
    def running = run([:], keyless)
    def at = []
    await(BOUND) {
      long aborts = running.pipeline().counters().aborts.sum()
      while (at.size() < aborts) {
        at << System.nanoTime()
      }
      assert aborts >= many
    }
    awaitDrained()
    def between = (1..<many).collect { (at[it] - at[it - 1]) / 1_000_000 as long }.sort()
    println "ms between the aborts for $many refused outputs: $between"

    then:
    values(readCommitted(name + '.dead-letters')).toSet() == (0..<many).collect { "bad$it".toString() }.toSet()
    visible().empty
    running.pipeline().counters().aborts.sum() == many

    and: 'by quartiles, whatever the machine and a stall of it'
    between[many * 3 / 4 as int] < 2 * between[many / 4 as int]
  }

  /** What has the sink refuse some outputs. */
  static String refusing(String setting) {
    setting == 'cleanup.policy' ? 'compact' : '5000'
  }

  @Tag('long')
  def "records without an event id can be admitted, by configuration"() {
    when:
    run(['guard.on-missing-id': 'unguarded'])
    produce([record('a', id: null, partition: 0), record('a', id: null, partition: 0), record('b', partition: 0), record('b', partition: 0)])
    awaitDrained()

    then:
    visible() == ['a', 'a', 'b']

    and: 'outputs of a topic that is made anew are other events'
    def id = admin.describeTopics([source]).allTopicNames().get()[source].topicId().toString().take(8)
    readCommitted(sink).findAll { new String(it.value()) == 'a' }.collect { new String(it.headers().lastHeader('event-id').value()) } ==
        ["$source-0@0;$id/0", "$source-0@1;$id/0"]*.toString()
  }

  @Tag('long')
  def "the event id is found in #place"() {
    when:
    run(['guard.event-id': place])
    produce([made(this), made(this), record('{"id":"other"}', key: 'other', partition: 0)])
    awaitDrained()

    then:
    visible().size() == 2

    where:
    place             | made
    'field:id'        | { it.record('{"a":{"id":1},"id":"one"}', id: null, partition: 0) }
    'key'             | { it.record('{}', id: null, key: 'one', partition: 0) }
    'header:event-id' | { it.record('{}', id: 'one', partition: 0) }
  }

  @Tag('long')
  def "an output that the broker refuses for what it is, is its record's dead letter: no key for a compacted topic"() {
    given:
    String to = sink
    def keyless = { event ->
      Outcome.emit(Output.to(to, event.value() == 'keyless' ? null : event.key(), event.value()))
    } as Handler<String>
    kafka.configure(sink, 'cleanup.policy', 'compact')

    when:
    run([:], keyless)
    produce([record('before', partition: 0), record('keyless', partition: 0), record('after', partition: 0)])
    awaitDrained()

    then:
    visible() == ['after', 'before']
    values(readCommitted(name + '.dead-letters')) == ['keyless']
    guarantees.receiptsJoin()
  }
}
