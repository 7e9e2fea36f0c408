package io.exactlyonce.engine.handling

import io.exactlyonce.config.value.TombstoneChoice
import io.exactlyonce.engine.inflight.PolledRecords
import io.exactlyonce.engine.inflight.RecordResult
import io.exactlyonce.engine.spi.Backend
import io.exactlyonce.engine.spi.InputCodec
import io.exactlyonce.engine.spi.OutputCodec
import io.exactlyonce.engine.spi.Tracing
import io.exactlyonce.engine.status.PipelineCounters
import io.exactlyonce.handler.BatchHandler
import io.exactlyonce.handler.Event
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import org.apache.kafka.common.Uuid

import java.time.Instant
import java.util.function.UnaryOperator

import static io.exactlyonce.engine.Records.*


class RecordProcessorSpec extends ProcessedRecords {

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

  def "a record without a value is skipped where tombstones are, #verdict event id or not; a duplicate stays one"() {
    given:
    def processor = new RecordProcessor<String>({ throw new AssertionError() } as Handler<String>, null,
        new EventReader<String>({ throw new AssertionError() } as InputCodec<String>, NO_EFFECTS, TombstoneChoice.SKIP),
        null, failures(), new PipelineCounters(), new TracedHandling(Tracing.off()))
    def polled = admitted([record(5, 'k', null)])
    polled.verdicts[0] = verdict

    expect:
    processor.process(polled, 0, 1).is(result)

    where:
    verdict                            || result
    PolledRecords.Verdict.ADMITTED     || RecordResult.SKIPPED
    PolledRecords.Verdict.NO_EVENT_ID  || RecordResult.SKIPPED
    PolledRecords.Verdict.BAD_EVENT_ID || RecordResult.SKIPPED
    PolledRecords.Verdict.DUPLICATE    || RecordResult.DUPLICATE
  }

  def "where what the codec of the #what asks is away, the record is parked and is no dead letter"() {
    given:
    def away = { -> throw new Backend.UnreachableException('the registry is away', null) }
    def processor = processor({ Outcome.emit(Output.to('out', 1, 2)) } as Handler<String>, retry(), 1 << 20,
        { what == 'input' ? away() : 'v' } as InputCodec<String>, { topic, headers, isKey, object -> away() } as OutputCodec)

    when:
    def result = processor.process(polled(5, 'v'), 0, 1)

    then:
    result.parked
    result.awaited == 'the registry is away'

    where:
    what << ['input', 'output']
  }

  def "what is away for one record of a batch holds neither back those before it, nor is it asked for those behind"() {
    given:
    def asked = []
    def prepared = []
    def isAway = true
    def handler = new BatchHandler<String>() {
      @Override
      Handler<String> prepare(List<Event<String>> events) {
        prepared << events*.value()
        return { event -> Outcome.emit(Output.to('out', 'k', event.value())) } as Handler<String>
      }
    }
    def input = { record ->
      def value = new String(record.value())
      asked << value
      if (value == 'c' && isAway) throw new Backend.UnreachableException('the registry is away', null)
      value
    } as InputCodec<String>
    def single = processor(handler, retry(), 1 << 20, input)
    def processor = new RecordProcessor<String>(handler, Batching.of(handler, UnaryOperator.identity(), single.counters()), single.events(),
        single.outputs(), single.failures(), single.counters(), new TracedHandling(Tracing.off()))
    def polled = polled(0, 'a', 'b', 'c', 'd', 'e')
    polled.batches(5)

    when:
    def results = (0..2).collect { processor.process(polled, it, 1) }

    then: 'the third is read when it is its turn, and waits'
    results*.awaited == [null, null, 'the registry is away']
    results.take(2)*.kind == [RecordResult.Kind.PROCESSED] * 2
    prepared == [['a', 'b']]
    asked == ['a', 'b', 'c', 'c']

    when:
    isAway = false

    then:
    (2..4).collect { processor.process(polled, it, 1).kind } == [RecordResult.Kind.PROCESSED] * 3
    prepared == [['a', 'b'], ['c'], ['d'], ['e']]
  }
}
