package io.exactlyonce.engine.handling

import io.exactlyonce.engine.inflight.PolledRecords
import io.exactlyonce.engine.inflight.RecordResult
import io.exactlyonce.engine.inflight.TransactionRefusals
import io.exactlyonce.engine.spi.InputCodec
import io.exactlyonce.engine.spi.OutputCodec
import io.exactlyonce.engine.spi.Sizes
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.common.errors.RecordTooLargeException
import org.apache.kafka.common.header.Header
import org.apache.kafka.common.header.internals.RecordHeaders
import org.apache.kafka.common.record.TimestampType

import static io.exactlyonce.engine.Records.*

/** Which records become dead letters, and by which reason. */
class RecordDeadLettersSpec extends ProcessedRecords {

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
    transaction.judge(processor.failures().remembered().refused())

    expect:
    (processor.process(polled, 0, 1).kind == RecordResult.Kind.DEAD_LETTER) == refusedRecords
    processor.process(polled, 1, 1).kind == RecordResult.Kind.PROCESSED

    when:
    processor.failures().remembered().refused().forgetBelow(new org.apache.kafka.common.TopicPartition('in', 3), 6)

    then:
    processor.process(polled, 0, 1).kind == RecordResult.Kind.PROCESSED

    where:
    thrown                                || refusedRecords
    new RecordTooLargeException('1 > 0')  || true
    new IllegalStateException()           || false
    null                                  || false
  }
}
