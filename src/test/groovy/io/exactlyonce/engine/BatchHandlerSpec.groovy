package io.exactlyonce.engine

import io.exactlyonce.handler.BatchHandler
import io.exactlyonce.handler.Event
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import spock.lang.Tag

import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CountDownLatch
import java.util.concurrent.atomic.AtomicInteger

/** Many things looked up at once, outcomes by event. */
class BatchHandlerSpec extends PipelineSpec {

  Queue<List<String>> batches = new ConcurrentLinkedQueue<>()
  Queue<String> handled = new ConcurrentLinkedQueue<>()
  AtomicInteger inside = new AtomicInteger()

  BatchHandler<String> batching(Closure prepare = {}, Closure each = {}) {
    String to = sink
    return { List<Event<String>> events ->
      batches << events*.value()
      prepare(events)
      def found = events.collectEntries { [it.id(), "${it.value()}!".toString()] }
      return { event ->
        handled << event.value()
        each(event)
        Outcome.emit(Output.to(to, event.key(), found[event.id()]))
      } as Handler<String>
    } as BatchHandler<String>
  }

  @Tag('long')
  def "events are prepared together, decided one by one, each once and in order (ordering #ordering, concurrency #concurrency)"() {
    when:
    produce((0..<4000).collect { record("v$it", partition: it % 3, key: "k${it % 7}") } + record('v5', partition: 0))
    run([ordering: ordering, concurrency: concurrency], batching())
    awaitDrained()
    def out = readCommitted(sink)

    then:
    visible() == (0..<4000).collect { "v$it!".toString() }.sort()
    guarantees.receiptsJoin()

    and: 'far fewer calls than events, none too large, and no duplicate in them'
    batches.size() < 400
    batches.every { it.size() in 1..500 }
    batches.sum { it.size() } == 4000

    and:
    ordering == 'none' || out.groupBy { new String(it.key()) }.every { key, records ->
      def numbers = records.sort { it.offset() }.collect { new String(it.value())[1..-2] as int }
      numbers.groupBy { it % 3 }.values().every { it == it.toSorted() }
    }

    where:
    ordering    | concurrency
    'partition' | 1
    'partition' | 4
    'none'      | 8
  }

  def "the events of a batch are weighed too: what is held with them stays below the bound"() {
    given: 'more than fits, and a batch that stands'
    def gate = new CountDownLatch(1)
    produce((0..<600).collect { record("v$it${'x' * 10_000}", partition: it % 3, key: 'k', id: "id$it") })

    when:
    def running = run(['in-flight-bytes': '2MB', 'guard.store': 'off', 'stop-timeout': '2s'], batching { gate.await() })
    await(BOUND) {
      def now = workers(running)[0]?.inFlight()
      assert now != null && now.paused() == 3 && now.bytes() >= 700_000
    }
    def held = workers(running)[0].inFlight()

    then: 'a value of 10 kB, and 20 kB for what is decoded from it'
    held.records() * 30_000 <= 2_000_000
    held.bytes() >= held.records() * 30_000

    cleanup:
    gate.countDown()
  }

  @Tag('long')
  def "an event that fails is retried by itself and becomes a dead letter; the others' outcomes stand (ordering #ordering)"() {
    when:
    produce((0..<300).collect { record("v$it", partition: 0) })
    run([ordering: ordering, concurrency: 4], batching({}, { event -> if (event.value() == 'v100') throw new IOException('no luck') }))
    awaitDrained()

    then:
    visible() == ((0..<300).toList() - 100).collect { "v$it!".toString() }.sort()
    header(readCommitted(name + '.dead-letters')[0], 'dead-letter-attempts') == '3'

    and: 'each other event was decided once'
    handled.countBy { it }.findAll { it.value > 1 } == [v100: 3]
    batches.findAll { it == ['v100'] }.size() == 2

    where:
    ordering << ['partition', 'none']
  }

  @Tag('long')
  def "where the preparation throws each event is prepared by itself: #error.class.simpleName"() {
    when:
    produce((0..<50).collect { record("v$it", partition: 0) })
    def pipeline = run([:], batching { events -> if (events.any { it.value() == 'v20' }) throw error }).pipeline()
    awaitDrained()

    then:
    visible() == ((0..<50).toList() - 20).collect { "v$it!".toString() }.sort()
    values(readCommitted(name + '.dead-letters')) == ['v20']
    pipeline.counters().handlerFailures.sum() == batches.count { 'v20' in it }
    guarantees.receiptsJoin()

    where:
    error << [new IllegalStateException('one of them'), new StackOverflowError()]
  }

  def "a preparation that leaves the interrupt flag up meets none of its events with it"() {
    given:
    def flags = new ConcurrentHashMap<String, Boolean>()

    when:
    produce((0..<20).collect { record("v$it", partition: 0) })
    run([:], batching({ Thread.currentThread().interrupt() }, { event -> flags[event.value()] = Thread.currentThread().interrupted }))
    awaitDrained()
    def together = batches.findAll { it.size() > 1 }.flatten()

    then:
    !together.empty
    flags.keySet().containsAll(together)
    !together.any { flags[it] }
    visible().size() == 20
  }

  def "events have effects in a batch too, and a batch handler handles one event as a batch of one"() {
    given:
    def calls = new AtomicInteger()
    String to = sink
    def charging = { List<Event<String>> events ->
      def receipts = events.collectEntries { [it.id(), it.effects().once('charge', { "r${calls.incrementAndGet()}".toString() })] }
      return { event -> Outcome.emit(Output.to(to, event.key(), receipts[event.id()])) } as Handler<String>
    } as BatchHandler<String>

    expect:
    charging.handle(Event.of('e', 'k', 'v')) == Outcome.emit(Output.to(to, 'k', 'r1'))

    when:
    produce((0..<20).collect { record("v$it", partition: 0) })
    run([:], charging)
    awaitDrained()

    then:
    visible().size() == 20
    calls.get() == 21
  }
}
