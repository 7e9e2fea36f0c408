package io.exactlyonce.engine

import io.exactlyonce.engine.status.PipelineState
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import spock.lang.Tag

import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicInteger

/** A rebalance is no reason to handle a record again: what handlers came to is committed in the next generation. */
class KeptPartitionsSpec extends PipelineSpec {

  @Tag('long')
  def "no record is handled twice because instances come and go (#protocol)"() {
    given: 'transactions that follow each other closely, so that most rebalances meet one'
    def calls = new ConcurrentHashMap<String, AtomicInteger>()
    String to = sink
    Handler<String> counting = { event ->
      calls.computeIfAbsent(event.value()) { new AtomicInteger() }.incrementAndGet()
      Outcome.emit(Output.to(to, event.key(), event.value()))
    } as Handler<String>
    def settings = ['group-protocol': protocol, 'commit-interval': '20ms', 'commit-floor': '5ms']
    def first = run(settings + ['instance-id': 'a'], counting)
    int sent = 0
    def pour = { -> produce((1..30).collect { record("v${sent++}", partition: sent % 3, key: "k${sent % 7}") }) }
    def owners = { -> admin.describeConsumerGroups([name]).all().get()[name].members().findAll { it.assignment().topicPartitions() }.size() }
    await(BOUND) { pour(); assert calls.size() > 300 }

    when:
    3.times { round ->
      def second = run(settings + ['instance-id': 'b'], counting)
      await(BOUND) { pour(); assert owners() == 2 }
      int then = sent
      await(BOUND) { pour(); assert calls.size() > then }
      second.close()
      await(BOUND) { pour(); assert owners() == 1 }
    }
    awaitDrained()

    then:
    calls.findAll { it.value.get() > 1 }.isEmpty()
    calls.size() == sent
    visible() == (0..<sent).collect { "v$it".toString() }.sort()
    guarantees.receiptsJoin()
    first.pipeline().status().state() == PipelineState.RUNNING

    where:
    protocol << ['classic', 'consumer']
  }
}
