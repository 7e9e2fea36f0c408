package io.exactlyonce.engine.handling

import io.exactlyonce.engine.inflight.PolledRecords
import io.exactlyonce.engine.inflight.RecordResult
import io.exactlyonce.engine.inflight.TransactionRefusals
import io.exactlyonce.engine.spi.InputCodec
import io.exactlyonce.engine.spi.OutputCodec
import io.exactlyonce.engine.spi.Sizes
import io.exactlyonce.handler.Event
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.errors.RecordTooLargeException
import org.apache.kafka.common.header.Header
import org.apache.kafka.common.header.internals.RecordHeaders
import org.apache.kafka.common.record.TimestampType
import org.apache.kafka.common.Uuid
import spock.lang.Specification

import java.time.Instant

import static io.exactlyonce.engine.Records.*

class RecordProcessorSpec extends Specification {

  static String header(ProducerRecord<byte[], byte[]> record, String name) {
    def found = record.headers().lastHeader(name)
    found == null ? null : new String(found.value(), 'UTF-8')
  }

  static RecordResult handle(Closure<Outcome> handler, PolledRecords polled = polled(5, 'v'), int attempt = 1) {
    processor(handler as Handler<String>).process(polled, 0, attempt)
  }

  /** The reason of the dead letter that became of the record. */
  static String reason(RecordResult handled) {
    assert handled.kind == RecordResult.Kind.DEAD_LETTER
    assert handled.outputs*.topic() == ['dlq']
    header(handled.outputs[0], 'dead-letter-reason')
  }

  def "outputs keep their order and carry the event id with their number, and where they come from"() {
    when:
    def handled = handle { Outcome.emit(Output.to('out', 'a', '1'), Output.to('also', null, '2'), Output.to('out', 'a', null)) }

    then:
    handled.kind == RecordResult.Kind.PROCESSED
    handled.outputs*.topic() == ['out', 'also', 'out']
    handled.outputs*.key() == ['a'.bytes, null, 'a'.bytes]
    handled.outputs*.value() == ['1'.bytes, '2'.bytes, null]
    handled.outputs.collect { header(it, 'event-id') } == ['v/0', 'v/1', 'v/2']
    handled.outputs.collect { header(it, 'source-position') } == ['in-3@5'] * 3
    handled.outputs.every { it.partition() == null && it.timestamp() == null }
  }

  def "a rerun makes the same records again"() {
    given:
    def processor = processor({ Outcome.emit(Output.to('out', 'a', '1')) } as Handler<String>)
    def polled = polled(5, 'v')

    def made = (1..2).collect { attempt ->
      processor.process(polled, 0, attempt).outputs.collect { [it.topic(), it.key(), it.value(), it.headers()] }
    }

    expect:
    made[0] == made[1]
  }

  def "the handler's own headers come first, and ours win over them"() {
    when:
    def handled = handle {
      Outcome.emit(new Output('out', 'k', 'v', [Map.entry('trace', 't'.bytes), Map.entry('event-id', 'forged'.bytes)]))
    }

    then:
    handled.outputs[0].headers()*.key() == ['trace', 'event-id', 'event-id', 'source-position']
    header(handled.outputs[0], 'event-id') == 'v/0'
  }

  def "keys and values are written as bytes, as text or by the codec: #object"() {
    expect:
    handle { Outcome.emit(Output.to('out', object, object)) }.outputs[0].with { [it.key(), it.value()] } == [written, written]

    where:
    object              || written
    'é'                 || 'é'.getBytes('UTF-8')
    [1, 2] as byte[]    || [1, 2] as byte[]
    17                  || '<17>'.bytes
    null                || null
  }

  def "the codec is told whether it writes a key or a value"() {
    given:
    def processor = processor({ Outcome.emit(Output.to('out', 1, 2)) } as Handler<String>, retry(), 1 << 20,
        { 'v' } as InputCodec<String>, { topic, headers, isKey, object -> "${isKey ? 'key' : 'value'} $object".toString().bytes } as OutputCodec)

    expect:
    processor.process(polled(5, 'v'), 0, 1).outputs[0].with { [new String(it.key()), new String(it.value())] } == ['key 1', 'value 2']
  }

  def "the handler sees the record as it is"() {
    given:
    Event<String> seen = null
    def record = record(5, 'k', 'v', [h: 'first'])
    record.headers().add('h', 'second'.bytes)

    when:
    handle({ seen = it; Outcome.skip('') }, admitted([record]))

    then:
    [seen.id(), seen.key(), seen.value(), seen.source().toString()] == ['v', 'k', 'v', 'in-3@5']
    seen.idempotencyKey() == 'v'
    seen.timestamp() == Instant.ofEpochMilli(1005)
    seen.headers()*.key == ['h', 'h']
    seen.header('h').get() == 'second'
    seen.header('none').empty
  }

  def "a record without an event id that is admitted has its position for an id, with the topic's"() {
    given:
    def polled = polled(5, 'v')
    polled.eventIds[0] = null
    polled.topicId = Uuid.fromString('kG1qX3T5Rf6xM0m2T2cN5Q')

    expect:
    handle({ Outcome.emit(Output.to('out', 'k', it.id())) }, polled).outputs[0].with { [new String(it.value()), header(it, 'event-id')] } ==
        ['in-3@5;kG1qX3T5', 'in-3@5;kG1qX3T5/0']
  }

  def "a record without a key has a null key"() {
    expect:
    handle({ Outcome.deadLetter("key ${it.key()}") }, admitted([record(5, null, 'v')])).with { reason(it) } == 'key null'
  }

  def "a skip sends nothing, and an empty emit is processed"() {
    expect:
    handle { Outcome.skip('why') }.is(RecordResult.SKIPPED)
    with(handle { Outcome.emit() }) {
      kind == RecordResult.Kind.PROCESSED
      outputs == []
    }
  }

  def "a duplicate sends nothing and is not handled"() {
    given:
    def polled = polled(5, 'v')
    polled.verdicts[0] = PolledRecords.Verdict.DUPLICATE

    expect:
    handle({ throw new AssertionError() }, polled).is(RecordResult.DUPLICATE)
  }

  def "#what becomes a dead letter: #sentence"() {
    expect:
    reason(handle(handler)) == sentence

    where:
    what                        | handler                                                            || sentence
    'a refusal'                 | { Outcome.deadLetter('no such account') }                          || 'no such account'
    'null'                      | { null }                                                           || 'the handler returned null'
    'an undeclared sink'        | { Outcome.emit(Output.to('elsewhere', 'k', 'v')) }                 || 'output to elsewhere, which is not a sink'
    'the dead letters\' topic'  | { Outcome.emit(Output.to('dlq', 'k', 'v')) }                       || 'output to dlq, which is not a sink'
    'a second undeclared sink'  | { Outcome.emit(Output.to('out', 'k', 'v'), Output.to('x', 'k', 'v')) } || 'output to x, which is not a sink'
  }

  def "a record that was #verdict becomes a dead letter without being handled: #sentence"() {
    given:
    def polled = polled(5, 'v')
    polled.verdicts[0] = verdict

    when:
    def handled = handle({ throw new AssertionError() }, polled)

    then:
    reason(handled) == sentence
    header(handled.outputs[0], 'dead-letter-attempts') == '0'

    where:
    verdict                    || sentence
    PolledRecords.Verdict.NO_EVENT_ID  || 'the record has no event id'
    PolledRecords.Verdict.BAD_EVENT_ID || 'the event id is not UTF-8 text of at most 1024 bytes'
  }

  def "a record without a value becomes a dead letter without a value"() {
    when:
    def handled = handle({ throw new AssertionError() }, admitted([record(5, 'k', null)]))

    then:
    reason(handled) == 'the record has no value'
    handled.outputs[0].value() == null
    handled.outputs[0].key() == 'k'.bytes
  }

  def "a record that cannot be decoded is not tried again"() {
    given:
    def processor = processor({ throw new AssertionError() } as Handler<String>, retry(), 1 << 20,
        { throw new IOException('no JSON') } as InputCodec<String>)

    when:
    def handled = processor.process(polled(5, 'v'), 0, 1)

    then:
    reason(handled) == 'the record cannot be decoded'
    header(handled.outputs[0], 'dead-letter-exception') == 'java.io.IOException'
    header(handled.outputs[0], 'dead-letter-message') == 'no JSON'
    processor.counters().handlerFailures.sum() == 0
  }

  def "an output that cannot be serialized makes a dead letter"() {
    given:
    def processor = processor({ Outcome.emit(Output.to('out', 'k', 17)) } as Handler<String>, retry(), 1 << 20,
        { 'v' } as InputCodec<String>, { topic, headers, isKey, object -> throw new IOException('cyclic') } as OutputCodec)

    expect:
    reason(processor.process(polled(5, 'v'), 0, 1)) == 'output 0 cannot be serialized'
  }

  def "an output of #size bytes of value beside #mostBytes allowed is sent: #sent"() {
    given:
    def processor = processor({ Outcome.emit(Output.to('out', 'kk', 'x' * size)) } as Handler<String>, retry(), mostBytes)

    expect:
    processor.process(polled(5, 'v'), 0, 1).kind == (sent ? RecordResult.Kind.PROCESSED : RecordResult.Kind.DEAD_LETTER)

    where:
    mostBytes = 10_000
    size << [0, 9_000, 9_900, 20_000]
    sent << [true, true, false, false]
  }

  def "an output that is too large by its headers alone is a dead letter"() {
    given:
    def processor = processor({ Outcome.emit(new Output('out', 'k', 'v', [Map.entry('trace', ('x' * 20_000).bytes)])) } as Handler<String>, retry(), 10_000)

    expect:
    processor.process(polled(5, 'v'), 0, 1).kind == RecordResult.Kind.DEAD_LETTER
  }

  def "a handler that throws #thrown.class.simpleName is called again, and at the last attempt it is a dead letter"() {
    given:
    def processor = processor({ throw thrown } as Handler<String>, retry(3))
    def polled = polled(5, 'v')

    expect:
    processor.process(polled, 0, 1) == null
    processor.process(polled, 0, 2) == null

    when:
    def handled = processor.process(polled, 0, 3)

    then:
    reason(handled) == 'the handler threw at each of 3 attempts'
    header(handled.outputs[0], 'dead-letter-attempts') == '3'
    header(handled.outputs[0], 'dead-letter-exception') == thrown.class.name
    processor.counters().handlerFailures.sum() == 3

    where:
    thrown << [new IllegalStateException('x'), new Exception('checked'), new IOException(), new NoClassDefFoundError('x'),
               new StackOverflowError(), new AssertionError('x' as Object)]
  }

  def "#thrown.class.simpleName in a codec is a dead letter as an exception is: #where"() {
    given:
    def bad = { Object[] any -> throw thrown }
    def processor = processor({ Outcome.emit(Output.to('out', 'k', 17)) } as Handler<String>, retry(1), 1 << 20,
        where == 'decoding' ? bad as InputCodec<String> : { 'v' } as InputCodec<String>,
        bad as OutputCodec)

    expect:
    reason(processor.process(polled(5, 'v'), 0, 1)).contains('cannot be')

    where:
    [thrown, where] << [[new StackOverflowError(), new NoClassDefFoundError('x')], ['decoding', 'encoding']].combinations()
  }

  def "what user code leaves up of the interrupt flag is gone when its record is: #where"() {
    given:
    def flag = { it -> if (it == where) Thread.currentThread().interrupt() }
    def seen = []
    def processor = processor({ seen << Thread.currentThread().interrupted; flag('handler'); Outcome.emit(Output.to('out', 'k', 17)) } as Handler<String>,
        retry(1), 1 << 20, { flag('deserializer'); 'v' } as InputCodec<String>,
        { topic, headers, isKey, object -> seen << Thread.currentThread().interrupted; flag('serializer'); 'x'.bytes } as OutputCodec)

    when:
    def handled = processor.process(polled(5, 'v'), 0, 1)

    then:
    handled.kind == RecordResult.Kind.PROCESSED
    seen == [false, false]
    !Thread.interrupted()

    where:
    where << ['deserializer', 'handler', 'serializer']
  }

  def "a result weighs its outputs with all their headers"() {
    given:
    def bytes = { List<Map.Entry<String, byte[]>> own -> handle { Outcome.emit(new Output('out', 'k', 'v', own)) }.bytes }

    expect:
    bytes([Map.entry('head', ('x' * 1000).bytes)]) == bytes([]) + 1004 + Sizes.HEADER
  }

  def "an Error that comes of a handler's output is its record's"() {
    given:
    def deep = new AbstractMap.SimpleEntry<String, byte[]>('h', 'v'.bytes) {
      @Override
      String getKey() {
        throw new StackOverflowError()
      }
    }

    expect:
    reason(handle { Outcome.emit(new Output('out', 'k', 'v', [deep])) }) == 'the record could not be processed'
  }

  def "a record of which no dead letter can be made is left for its next attempt"() {
    given: 'memory that does not suffice to copy its headers'
    def headers = new RecordHeaders() {
      @Override
      Header[] toArray() {
        throw new OutOfMemoryError()
      }
    }
    def record = new ConsumerRecord<byte[], byte[]>('in', 3, 5L, 0L, TimestampType.CREATE_TIME, 1, 1, 'k'.bytes, 'v'.bytes, headers, Optional.empty())

    expect:
    handle({ Outcome.deadLetter('refused') }, admitted([record])) == null
  }

  def "an output header without a name makes a dead letter"() {
    expect:
    reason(handle { Outcome.emit(new Output('out', 'k', 'v', [new AbstractMap.SimpleEntry(null, 'v'.bytes)])) }) != null
  }

  def "a record whose output the broker found too large becomes a dead letter when it is read again"() {
    given:
    def processor = processor({ Outcome.emit(Output.to('out', 'k', 'v')) } as Handler<String>)
    def polled = polled(5, 'v', 'w')
    def transaction = new TransactionRefusals()
    def handled = processor.process(polled, 0, 1)
    handled.postJoin(transaction)
    handled.onCompletion(null, thrown)
    transaction.judge(processor.failures().refusedRecords())

    expect:
    (processor.process(polled, 0, 1).kind == RecordResult.Kind.DEAD_LETTER) == refusedRecords
    processor.process(polled, 1, 1).kind == RecordResult.Kind.PROCESSED

    when:
    processor.failures().refusedRecords().forgetBelow(new org.apache.kafka.common.TopicPartition('in', 3), 6)

    then:
    processor.process(polled, 0, 1).kind == RecordResult.Kind.PROCESSED

    where:
    thrown                                || refusedRecords
    new RecordTooLargeException('1 > 0')  || true
    new IllegalStateException()           || false
    null                                  || false
  }
}
