package io.exactlyonce.engine

import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import org.apache.kafka.common.TopicPartition
import spock.lang.Tag

import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.atomic.AtomicInteger

/** While a record is retried, nothing else notices but its partition's commits. */
class RetrySpec extends PipelineSpec {

  def handled = new ConcurrentLinkedQueue<String>()
  def calls = new ConcurrentHashMap<String, AtomicInteger>()
  volatile boolean broken = true

  /** Throws at "bad" while it is broken. */
  Handler<String> moody(Exception thrown = new IOException('not yet')) {
    String to = sink
    return { event ->
      handled << event.value()
      calls.computeIfAbsent(event.value(), { new AtomicInteger() }).incrementAndGet()
      if (broken && event.value().startsWith('bad')) throw thrown
      Outcome.emit(Output.to(to, event.key(), event.value()))
    } as Handler<String>
  }

  long committed(int partition) {
    admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata().get()[new TopicPartition(source, partition)]?.offset() ?: 0
  }

  static final PATIENT = ['retry.attempts': '1000', 'retry.backoff': '10m', 'retry.max-backoff': '10m']

  @Tag('long')
  def "with ordering #ordering and one handler thread, a record that waits ten minutes holds back only its partition's commits"() {
    when:
    run(PATIENT + [ordering: ordering], moody())
    produce([record('bad', partition: 0, key: 'k')])
    await(BOUND) { assert calls['bad']?.get() == 1 }
    produce((0..<300).collect { record("v$it", partition: it % 3, key: "other${it % 50}") })

    then: 'the other partitions commit'
    await(BOUND) { assert committed(1) == 100 && committed(2) == 100 }
    committed(0) == 0

    and: 'the other keys of its own are handled'
    await(BOUND) { assert handled.size() == 1 + (sameToo ? 300 : 200) }
    calls['bad'].get() == 1

    where:
    ordering    || sameToo
    'partition' || false
    'key'       || true
    'none'      || true
  }

  @Tag('long')
  def "what is handled behind a waiting record is bounded by the partition's share, and sent when it is done"() {
    when:
    run(['retry.attempts': '1000', 'retry.backoff': '5ms', 'retry.max-backoff': '20ms', ordering: 'key', 'in-flight-records': '300',
         'consumer.max.poll.records': '50'], moody())
    produce([record('bad', partition: 0, key: 'k')] + (0..<2_000).collect { record("v$it", partition: 0, key: "other$it") })
    produce([record('last', partition: 1)])
    await(BOUND) { assert visible() == ['last'] }
    await(BOUND) { assert calls['bad'].get() > 20 }
    def ahead = calls.keySet().count { it.startsWith('v') }

    then:
    ahead >= 50
    ahead <= 200

    when:
    broken = false
    awaitDrained()

    then:
    visible().size() == 2_002
    calls.every { value, n -> value == 'bad' || n.get() == 1 }
    guarantees.receiptsJoin()
  }

  @Tag('long')
  def "the worker polls on while a record is retried for longer than max.poll.interval.ms"() {
    given:
    def started = System.nanoTime()

    when:
    def pipeline = run(['retry.attempts': '1000', 'retry.backoff': '100ms', 'retry.max-backoff': '100ms',
                        'consumer.max.poll.interval.ms': '5000', 'drain-timeout': '1s'], moody()).pipeline()
    produce([record('bad', partition: 0)])
    await(BOUND) { assert calls['bad']?.get() >= 1 && System.nanoTime() - started > 9_000_000_000L }
    broken = false
    awaitDrained()

    then:
    visible() == ['bad']
    pipeline.counters().aborts.sum() == 0
  }

  @Tag('long')
  def "retries stop at once when the partition goes: the other instance begins anew, and the lane is free when it comes back"() {
    given:
    def one = run(PATIENT + ['instance-id': 'one'], moody())
    produce((0..2).collect { record("bad$it", partition: it) })
    await(BOUND) { assert (0..2).every { calls["bad$it".toString()]?.get() == 1 } }

    when: 'another instance takes a part of them over'
    def two = run(PATIENT + ['instance-id': 'two'], moody())
    await(BOUND) { assert calls.values().any { it.get() == 2 } }

    and: 'and gives it back, mended before: what comes back while it still closes would wait ten minutes else'
    broken = false
    two.close()

    then: 'what moved, and no other, is handled again, ten minutes before its time'
    await(BOUND) { assert !visible().empty && visible() == calls.findAll { it.value.get() > 1 }*.key.sort() }
    one.pipeline().status().ready
  }

  @Tag('long')
  def "#thrown.class.simpleName is handled #times times: retry.on #on, retry.never #never"() {
    when:
    run(['retry.on': on, 'retry.never': never], moody(thrown))
    produce([record('bad', partition: 0), record('b', partition: 0)])
    awaitDrained()
    def letters = readCommitted(name + '.dead-letters')

    then:
    visible() == ['b']
    calls['bad'].get() == times
    header(letters[0], 'dead-letter-attempts') == "$times"
    header(letters[0], 'dead-letter-exception') == thrown.class.name
    header(letters[0], 'dead-letter-reason').contains(reason)

    where:
    thrown                         | on                    | never                        || times | reason
    new FileNotFoundException('x') | 'java.io.IOException' | ''                           || 3     | 'at each of 3'
    new IllegalStateException('x') | 'java.io.IOException' | ''                           || 1     | 'an exception that is not retried (retry.on, retry.never)'
    new IllegalStateException('x') | ''                    | 'java.lang.RuntimeException' || 1     | 'an exception that is not retried (retry.on, retry.never)'
  }
}
