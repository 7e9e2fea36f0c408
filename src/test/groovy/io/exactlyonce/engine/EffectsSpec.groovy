package io.exactlyonce.engine

import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import spock.lang.Tag

import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger

/** What a handler does outside Kafka, and what its reruns get of it. */
class EffectsSpec extends PipelineSpec {

  AtomicInteger calls = new AtomicInteger()
  Queue<String> got = new ConcurrentLinkedQueue<>()

  /** Emits what the call returned, and throws at the first runs. */
  Handler<String> charging(int failures, Closure<String> call) {
    String to = sink
    def runs = new AtomicInteger()
    return { event ->
      def receipt = event.effects().once('charge', { calls.incrementAndGet(); call(event) })
      got << String.valueOf(receipt)
      if (runs.incrementAndGet() <= failures) throw new IOException('after the call')
      Outcome.emit(Output.to(to, event.key(), receipt == null ? 'nothing' : receipt))
    } as Handler<String>
  }

  @Tag('long')
  def "a rerun gets the recorded result: #what"() {
    when:
    run([:], charging(2) { result })
    produce([record('a', partition: 0)])
    awaitDrained()

    then:
    visible() == [emitted]
    calls.get() == 1
    got as List == [shown] * 3

    where:
    what        | result       || emitted        | shown
    'a text'    | 'r-1 \u00e4' || 'r-1 \u00e4' | 'r-1 \u00e4'
    'empty'     | ''           || ''             | ''
    'null'      | null         || 'nothing'      | 'null'
    'the bound' | 'x' * 16384  || 'x' * 16384    | 'x' * 16384
  }

  def "effects of one event are told apart by name, and of two events by event"() {
    given:
    String to = sink
    def twice = { event ->
      def one = event.effects().once('one', { "1-${calls.incrementAndGet()}".toString() })
      def two = event.effects().once('two', { "2-${calls.incrementAndGet()}".toString() })
      def again = event.effects().once('one', { "3-${calls.incrementAndGet()}".toString() })
      Outcome.emit(Output.to(to, event.key(), "${event.value()}: $one $two $again".toString()))
    } as Handler<String>

    when:
    run([:], twice)
    produce([record('a', partition: 0), record('b', partition: 0)])
    awaitDrained()

    then:
    visible() == ['a: 1-1 2-2 1-1', 'b: 1-3 2-4 1-3']
  }

  def "a call that throws is made again at the next attempt; one that is too slow is interrupted"() {
    when:
    run(['effects.timeout': '2s'], charging(0) { event ->
      if (calls.get() == 1) throw new IOException('not yet')
      if (calls.get() == 2) new CountDownLatch(1).await()
      'done'
    })
    produce([record('a', partition: 0)])
    awaitDrained()

    then:
    visible() == ['done']
    calls.get() == 3
  }

  def "a result that is too large is not kept, and the call is not made again: a dead letter says so"() {
    when:
    run([:], charging(0) { 'x' * 16385 })
    produce([record('a', partition: 0)])
    awaitDrained()

    then:
    calls.get() == 1
    def letter = readCommitted(name + '.dead-letters')[0]
    header(letter, 'dead-letter-message').contains('effect charge was made, but its result is 16385 bytes, more than 16384')
  }

  @Tag('long')
  def "an effect that cannot be kept is not made: #what"() {
    when:
    run(settings, { event -> event.effects().once(effect, { calls.incrementAndGet(); 'x' }); Outcome.skip('x') } as Handler<String>)
    produce([record('a', partition: 0)])
    awaitDrained()

    then:
    calls.get() == 0
    header(readCommitted(name + '.dead-letters')[0], 'dead-letter-message').contains(says)

    where:
    what                 | settings               | effect   || says
    'without Redis'      | ['guard.store': 'off'] | 'charge' || 'effects need guard.store: redis'
    'a name with colons' | [:]                    | 'a:b'    || 'effect name a:b: write 1 to 64 letters'
  }

  @Tag('long')
  def "a dead letter that is replayed does not call again"() {
    given:
    def handler = charging(3) { 'paid' }

    when:
    run([:], handler)
    produce([record('a', partition: 0)])
    awaitDrained()
    new picocli.CommandLine(new io.exactlyonce.cli.ReplayCommand())
        .execute('--bootstrap-servers', bootstrapServers, '--group', name, '--quiet')
    await(BOUND) { assert isSettled(source) }
    awaitDrained()

    then:
    visible() == ['paid']
    calls.get() == 1
  }
}
