package io.exactlyonce.wiring.tracing

import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import io.opentelemetry.api.trace.SpanKind
import io.opentelemetry.api.trace.StatusCode

import java.util.concurrent.CountDownLatch

/** One trace goes with an event through pipelines, retry topics, dead letters and replays. */
class TracesSpec extends Traced {

  def "one trace leads from a record through two pipelines to the last sink"() {
    given:
    def last = "$name-last".toString()
    def second = "$name-second".toString()
    createTopic(last, 3)
    def mine = kept
    String to = sink
    trace([:], { event ->
      mine.make('in the handler')
      event.effects().once('call') { mine.make('in the effect'); 'made' }
      Outcome.emit(Output.to(to, event.key(), event.value()), Output.to(to, event.key(), 'another'))
    } as Handler<String>)
    trace([source: sink, sinks: last], { event -> Outcome.emit(Output.to(last, event.key(), event.value())) } as Handler<String>, second)

    when:
    produce([withHeaders('v', traceparent: parent(), tracestate: 'vendor=1')])
    await(BOUND) { assert readCommitted(last).size() == 2 }
    def all = awaitSpans(5)
    def first = all.find { it.name == "process $source" }
    def seconds = all.findAll { it.name == "process $sink" }

    then: 'all of it is one trace, in which each is the child of what it came from'
    all*.traceId.toSet() == [TRACE] as Set
    first.parentSpanId == PARENT
    seconds*.parentSpanId == [first.spanId] * 2
    all.find { it.name == 'in the handler' }.parentSpanId == first.spanId
    all.find { it.name == 'in the effect' }.parentSpanId == first.spanId
    readCommitted(sink).collect { header(it, 'traceparent') } == [parent(first.spanId)] * 2
    readCommitted(last).collect { header(it, 'traceparent') }.toSet() == seconds.collect { parent(it.spanId) }.toSet()
    readCommitted(last).collect { header(it, 'tracestate') } == ['vendor=1'] * 2

    and: 'a span says which record it is, and what became of it'
    first.kind == SpanKind.CONSUMER
    told(first, 'messaging.system') == 'kafka'
    told(first, 'messaging.destination.name') == source
    told(first, 'messaging.destination.partition.id') == '0'
    told(first, 'messaging.kafka.offset') == 0
    told(first, 'messaging.consumer.group.name') == name
    told(first, 'messaging.message.id') == 'v'
    told(first, 'pipeline.outcome') == 'processed'
    told(first, 'pipeline.transaction') == 'committed'
    first.status.statusCode == StatusCode.UNSET
    first.events*.name == ['handled']
    told(seconds[0], 'messaging.consumer.group.name') == second
  }

  def "retries, retry topics, the dead letter and its replay stay in the trace"() {
    given:
    broken << 'bad'
    trace([ordering: 'none', 'retry.attempts': 2, 'retry.topics': '200ms'], mendable())

    when:
    produce([withHeaders('bad', traceparent: parent())])
    await(BOUND) { assert letters().size() == 1 }
    broken.clear()
    def status = replay()
    await(BOUND) { assert visible() == ['bad'] }
    def all = awaitSpans(3)

    then:
    status == 0
    all*.traceId.toSet() == [TRACE] as Set
    all*.parentSpanId == [PARENT, all[0].spanId, all[1].spanId]
    all.collect { told(it, 'messaging.destination.name') } == [source, "${name}.retry.200ms", source]
    all.collect { told(it, 'pipeline.outcome') } == ['delayed', 'dead-letter', 'processed']
    all.collect { told(it, 'pipeline.earlier_attempts') } == [null, 2L, null]
    all*.status*.statusCode == [StatusCode.ERROR, StatusCode.ERROR, StatusCode.UNSET]
    all.collect { told(it, 'error.type') } == ['java.lang.IllegalStateException'] * 2 + [null]
    all.collect { told(it, 'pipeline.transaction') }.toSet() == ['committed'] as Set

    and: 'each attempt is told, without what the exception says'
    all[0].events*.name == ['exception', 'exception', 'handled']
    !all.toString().contains('no luck')
    header(letters()[0], 'traceparent') == parent(all[1].spanId)
  }

  def "a header that names no trace is ignored: the record begins one (#came)"() {
    when:
    trace()
    produce([withHeaders(came == null ? [:] : [traceparent: came], 'v')])
    await(BOUND) { assert visible() == ['v'] }
    def span = awaitSpans(1)[0]

    then:
    span.traceId != TRACE
    span.parentSpanId == '0' * 16
    header(readCommitted(sink)[0], 'traceparent').startsWith("00-$span.traceId-$span.spanId-")

    where:
    came << [null, 'rubbish', "00-$TRACE-0000000000000000-01".toString(), "00-${TRACE.toUpperCase().replace('4', 'Z')}-$PARENT-01".toString()]
  }

  def "the span of a duplicate says so, and that of what is not handled why"() {
    when:
    trace()
    produce([withHeaders('v', traceparent: parent()), withHeaders('v', traceparent: parent()), record('w', id: null, partition: 0)])
    await(BOUND) { assert letters().size() == 1 }
    def all = awaitSpans(3)

    then:
    all.collect { told(it, 'pipeline.outcome') } == ['processed', 'duplicate', 'dead-letter']
    all[2].status.description == 'the record has no event id'
    told(all[2], 'error.type') == 'dead-letter'
    told(all[2], 'messaging.message.id') == null
  }

  def "what did not commit is marked as dropped, and is handled again in the same trace"() {
    given: 'an output that its topic refuses, so that the transaction aborts'
    limit(sink, '5000')
    trace()

    when:
    produce([withHeaders('z' * 20_000, traceparent: parent(), id: 'large')])
    await(BOUND) { assert letters().size() == 1 }
    def all = awaitSpans(2)

    then:
    all*.traceId.toSet() == [TRACE] as Set
    all*.parentSpanId == [PARENT] * 2
    all.collect { told(it, 'pipeline.transaction') } == ['dropped', 'committed']
    all.collect { told(it, 'pipeline.outcome') } == ['processed', 'dead-letter']
    all[0].status.statusCode == StatusCode.ERROR
    header(letters()[0], 'traceparent') == parent(all[1].spanId)
  }

  def "a handler that is broken off by the stop leaves no span without an end"() {
    given:
    def entered = new CountDownLatch(1)
    def running = trace(['stop-timeout': '300ms', 'drain-timeout': '200ms'], { event ->
      entered.countDown()
      new CountDownLatch(1).await()
    } as Handler<String>)

    when:
    produce([withHeaders('v', traceparent: parent())])
    entered.await()
    running.close()

    then:
    with(awaitSpans(1)[0]) {
      told(it, 'pipeline.transaction') == 'dropped'
      it.status.statusCode == StatusCode.ERROR
    }
  }

  def "where a pipeline is not traced, outputs carry the trace of their record on, unless they have one of their own"() {
    given:
    String to = sink
    def own = parent('b' * 16, 'a' * 32)
    run([:], { event ->
      Outcome.emit(event.value() == 'own' ? new Output(to, event.key(), event.value(), [Map.entry('traceparent', own.bytes)]) : Output.to(to, event.key(), event.value()))
    } as Handler<String>)

    when:
    produce([withHeaders('v', traceparent: parent(), tracestate: 'vendor=1'), withHeaders('own', traceparent: parent(), tracestate: 'vendor=1'),
             withHeaders('alone', tracestate: 'vendor=1'), withHeaders('long', traceparent: 'x' * 513),
             withHeaders('state', traceparent: parent(), tracestate: 'x' * 513)])
    awaitDrained()
    def carried = readCommitted(sink).collectEntries { [new String(it.value()), [header(it, 'traceparent'), header(it, 'tracestate')]] }

    then:
    carried == [v: [parent(), 'vendor=1'], own: [own, null], alone: [null, null], long: [null, null], state: [parent(), null]]
    kept.all() == []
  }
}
