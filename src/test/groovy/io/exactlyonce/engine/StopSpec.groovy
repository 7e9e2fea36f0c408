package io.exactlyonce.engine

import io.exactlyonce.engine.status.OperatorDecision
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import io.exactlyonce.receipt.Receipt
import org.apache.kafka.common.TopicPartition
import spock.lang.Tag

import java.util.concurrent.atomic.AtomicInteger

/** {@code on-exhausted: stop}: the partition stands at the record, visibly, until somebody decides. */
class StopSpec extends PipelineSpec {

  static final STOP = ['retry.on-exhausted': 'stop', 'retry.attempts': '2']

  volatile boolean broken = true
  def calls = new AtomicInteger()

  /** Throws at what begins with "bad", while the bank is down. */
  Handler<String> banker() {
    String to = sink
    return { event ->
      if (broken && event.value().startsWith('bad')) {
        calls.incrementAndGet()
        throw new IllegalStateException('the bank is down for ' + event.value())
      }
      Outcome.emit(Output.to(to, event.key(), event.value()))
    } as Handler<String>
  }

  void awaitVisible(List<String> expected) {
    await(BOUND) { assert visible() == expected.sort() }
  }

  long committed(int partition) {
    admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata().get()[new TopicPartition(source, partition)]?.offset() ?: 0
  }

  List<Receipt.Decision> decisions() {
    receipts()*.decisions().flatten() as List<Receipt.Decision>
  }

  def "a stop leaves its partition standing before the record, visibly; the others go on"() {
    when:
    def pipeline = run(STOP, banker()).pipeline()
    produce([record('a', partition: 0), record('bad', partition: 0), record('b', partition: 0), record('c', partition: 1)])
    await(BOUND) { assert pipeline.status().stops().size() == 1 }
    awaitVisible(['a', 'c'])
    def stop = pipeline.status().stops()[0]

    then:
    stop.position() == "$source-0@1"
    stop.attempts() == 2
    stop.reason().contains('threw at each of 2 attempts: java.lang.IllegalStateException at ')
    !stop.reason().contains('the bank is down')
    !pipeline.status().ready

    when: 'more comes, once the worker has made a turn since'
    produce([record('turn', partition: 1)])
    awaitVisible(['a', 'c', 'turn'])
    def read = pipeline.counters().read.sum()
    produce([record('d', partition: 0), record('e', partition: 1), record('f', partition: 2)])
    awaitVisible(['a', 'c', 'e', 'f', 'turn'])

    then: 'it is read of the others alone'
    await(BOUND) { assert committed(0) == 1 }
    calls.get() == 2
    pipeline.counters().read.sum() == read + 2
  }

  @Tag('long')
  def "#verb: the way on is at once, and the receipt is of its own kind: #operator"() {
    when:
    def pipeline = run(STOP, banker()).pipeline()
    produce([record('a', partition: 0), record('bad', partition: 0), record('b', partition: 0)])
    await(BOUND) { assert !pipeline.status().stops().empty }
    broken = verb != OperatorDecision.Verb.RETRY
    pipeline.decide("$source-0@1", new OperatorDecision(verb, 'asked the bank'))
    awaitDrained()

    then:
    visible() == out
    pipeline.status().stops() == []
    pipeline.status().ready
    decisions()*.done() == operator
    receipts()*.spans().flatten()*.passed().flatten() == passed
    guarantees.receiptsJoin()

    and:
    def letters = readCommitted(name + '.dead-letters')
    values(letters) == dead
    letters.every {
      header(it, 'dead-letter-reason').contains('asked the bank') && header(it, 'dead-letter-exception') == 'java.lang.IllegalStateException' &&
          header(it, 'dead-letter-event-id') == 'bad' && header(it, 'dead-letter-attempts') == '2'
    }

    where:
    verb                      || out                | operator        | passed | dead
    OperatorDecision.Verb.RETRY       || ['a', 'b', 'bad']  | []              | []     | []
    OperatorDecision.Verb.SKIP        || ['a', 'b']         | ['skip']        | [1L]   | []
    OperatorDecision.Verb.DEAD_LETTER || ['a', 'b']         | ['dead-letter'] | []     | ['bad']
  }

  def "nobody stands at another position: the answer says where"() {
    given:
    def pipeline = run(STOP, banker()).pipeline()
    produce([record('bad', partition: 0)])
    await(BOUND) { assert !pipeline.status().stops().empty }

    when:
    pipeline.decide("$source-1@7", new OperatorDecision(OperatorDecision.Verb.SKIP, ''))

    then:
    def e = thrown(NoSuchElementException)
    e.message.contains("$source-1@7") && e.message.contains("[$source-0@0]")
  }

  @Tag('long')
  def "with ordering key the other keys are handled meanwhile, and are sent with the decision"() {
    given:
    def handled = java.util.concurrent.ConcurrentHashMap.newKeySet()
    Handler<String> banker = banker()
    def counting = { event -> handled << event.value(); banker.handle(event) } as Handler<String>

    when:
    def pipeline = run(STOP + [ordering: 'key', concurrency: '2'], counting).pipeline()
    produce([record('bad', partition: 0, key: 'k')] + (0..<20).collect { record("v$it", partition: 0, key: "other$it") } +
        [record('behind', partition: 0, key: 'k')])
    await(BOUND) { assert handled.size() == 21 && !pipeline.status().stops().empty }

    then:
    !handled.contains('behind')
    committed(0) == 0

    when:
    broken = false
    pipeline.decide("$source-0@0", new OperatorDecision(OperatorDecision.Verb.RETRY, ''))
    awaitDrained()

    then:
    visible().size() == 22
    guarantees.receiptsJoin()
  }

  @Tag('long')
  def "a decision outlives the abort of its transaction"() {
    given: 'a sink that refuses one of the records sent with the decision'
    kafka.configure(sink, 'max.message.bytes', '5000')

    when:
    def running = run(STOP + [ordering: 'key'], banker())
    def pipeline = running.pipeline()
    produce([record('bad', partition: 0, key: 'k'), record('z' * 20_000, id: 'fat', partition: 0, key: 'o'), record('b', partition: 0)])
    await(BOUND) { assert !pipeline.status().stops().empty }
    pipeline.decide("$source-0@0", new OperatorDecision(OperatorDecision.Verb.SKIP, 'never mind'))
    awaitDrained()

    then:
    visible() == ['b']
    pipeline.counters().aborts.sum() >= 1
    decisions()*.at() == ["$source-0@0".toString()]
    decisions()*.why() == ['never mind']
    guarantees.receiptsJoin()
  }

  @Tag('long')
  def "when the partition goes to another instance, the stop goes with it"() {
    when:
    def one = run(STOP + ['instance-id': 'one'], banker()).pipeline()
    produce((0..2).collect { record("bad$it", partition: it) })
    await(BOUND) { assert one.status().stops().size() == 3 }
    def two = run(STOP + ['instance-id': 'two'], banker()).pipeline()
    await(BOUND) { assert !two.status().stops().empty && one.status().stops().size() + two.status().stops().size() == 3 }

    then:
    (one.status().stops() + two.status().stops())*.position().sort() == (0..2).collect { "$source-$it@0".toString() }

    when:
    broken = false
    [one, two].each { p -> p.status().stops().each { p.decide(it.position(), new OperatorDecision(OperatorDecision.Verb.RETRY, '')) } }
    awaitDrained()

    then:
    visible() == ['bad0', 'bad1', 'bad2']
    guarantees.receiptsJoin()
  }

  @Tag('long')
  def "on-exhausted: skip gives the record up, and the receipt lists it"() {
    when:
    def pipeline = run(['retry.on-exhausted': 'skip'], banker()).pipeline()
    produce([record('a', partition: 0), record('bad', partition: 0), record('b', partition: 0)])
    awaitDrained()

    then:
    visible() == ['a', 'b']
    readCommitted(name + '.dead-letters').empty
    receipts()*.spans().flatten()*.passed().flatten() == [1L]
    decisions() == []
    pipeline.counters().passed.sum() == 1
    guarantees.receiptsJoin()
  }
}
