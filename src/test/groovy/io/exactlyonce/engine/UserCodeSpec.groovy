package io.exactlyonce.engine

import io.exactlyonce.engine.spi.InputCodec
import io.exactlyonce.engine.status.WorkerFailures
import io.exactlyonce.engine.status.WorkerState
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import io.exactlyonce.wiring.TestPipeline
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.clients.producer.RoundRobinPartitioner
import org.apache.kafka.common.Cluster
import spock.lang.Tag

/**
 * Whatever a user's class throws is the failure of the record it was given, and what it leaves
 * behind on its thread meets no other record.
 */
class UserCodeSpec extends PipelineSpec {

  /** Its static initializer throws: ExceptionInInitializerError at first, then NoClassDefFoundError. */
  static class Uninitialized {
    static final int VALUE = fail()

    static int fail() {
      throw new IllegalStateException('no licence file')
    }
  }

  /** Cannot even say what is wrong. */
  static class Mute extends RuntimeException {
    @Override
    String getMessage() {
      throw new IllegalStateException('no message')
    }

    @Override
    StackTraceElement[] getStackTrace() {
      throw new IllegalStateException('no stack')
    }
  }

  Handler<String> emitting(Closure<?> before) {
    String to = sink
    return { event -> before(event.value()); Outcome.emit(Output.to(to, event.key(), event.value())) } as Handler<String>
  }

  List<ConsumerRecord<byte[], byte[]>> letters() {
    readCommitted("$name" + '.dead-letters')
  }

  /** No worker ended, and so no partition was let go. */
  void neverFailed(TestPipeline running) {
    assert workers(running)*.failures() == [WorkerFailures.NONE]
    assert workers(running)*.state() == [WorkerState.RUNNING]
  }

  @Tag('long')
  def "an event id finder that overflows the stack makes its record a dead letter; the next goes on"() {
    given:
    def running = run('guard.event-id': "class:${DeepIds.name}")

    when:
    produce([record('a', partition: 0), record('[' * 100_000, partition: 0, id: null, key: 'k'), record('b', partition: 0)])
    awaitDrained()

    then:
    visible() == ['a', 'b']
    letters().collect { header(it, 'dead-letter-reason') } == ['the class of guard.event-id threw at this record']
    neverFailed(running)
  }

  def "an event id finder that leaves the interrupt flag up ends no worker"() {
    given:
    def running = run('guard.event-id': "class:${DeepIds.name}")

    when:
    (0..<20).each { produce([record("a$it", partition: 0), record('flag', partition: 0), record("b$it", partition: 0)]) }
    awaitDrained()

    then: 'the flag was one event, sent twenty times'
    visible().size() == 41
    letters().empty
    neverFailed(running)
  }

  /** A user's own. */
  static class Picky extends RoundRobinPartitioner {
    @Override
    int partition(String topic, Object key, byte[] keyBytes, Object value, byte[] valueBytes, Cluster cluster) {
      switch (valueBytes == null ? '' : new String(valueBytes)) {
        case 'null': throw new NullPointerException('no key')
        case 'deep': throw new StackOverflowError('of a partitioner')
        default: super.partition(topic, key, keyBytes, value, valueBytes, cluster)
      }
    }
  }

  @Tag('long')
  def "a partitioner that throws for an output makes its record a dead letter; the next goes on (#delivery)"() {
    given:
    def own = emitting { it }
    Handler<String> handler = { event -> event.value() == 'letter' ? Outcome.deadLetter('no good') : own.handle(event) }
    def running = run(['producer.partitioner.class': Picky.name, 'delivery': delivery], handler)

    when:
    produce(['a', 'null', 'b', 'deep', 'c', 'letter'].collect { record(it, partition: 0) })
    awaitDrained()

    then:
    visible().toSet() == ['a', 'b', 'c'].toSet()
    letters().collect { new String(it.value()) }.toSet() == ['null', 'deep', 'letter'].toSet()
    workers(running)*.failures() == [WorkerFailures.NONE]

    where:
    delivery << ['exactly-once', 'at-least-once']
  }

  @Tag('long')
  def "a handler that leaves the interrupt flag up fails no other record (#attempts attempts, limit #limit)"() {
    given:
    def handler = emitting { if (it == 'flag') Thread.currentThread().interrupt() else Thread.sleep(1) }
    def running = run(['retry.attempts': attempts, 'handler-timeout': limit], handler)

    when:
    produce(['a', 'flag', 'innocent', 'b'].collect { record(it, partition: 0) })
    awaitDrained()

    then:
    visible() == ['a', 'b', 'flag', 'innocent']
    letters().empty
    neverFailed(running)

    where:
    attempts | limit
    1        | '0s'
    3        | '0s'
    1        | '30s'
  }

  def "a handler that throws with the interrupt flag up has its own record retried without it"() {
    given:
    int calls = 0
    def handler = emitting {
      if (it == 'flag' && calls++ == 0) {
        Thread.currentThread().interrupt()
        throw new IllegalStateException('once')
      }
      Thread.sleep(1)
    }
    run(['retry.attempts': 2], handler)

    when:
    produce(['flag', 'b'].collect { record(it, partition: 0) })
    awaitDrained()

    then:
    visible() == ['b', 'flag']
    letters().empty
  }

  @Tag('long')
  def "a deserializer that leaves the interrupt flag up or throws an Error fails no other record"() {
    given:
    InputCodec<String> codec = { ConsumerRecord<byte[], byte[]> it ->
      def text = new String(it.value())
      if (text == 'flag') Thread.currentThread().interrupt()
      if (text == 'error') throw new NoClassDefFoundError('gone')
      text
    } as InputCodec<String>
    def running = TestPipeline.start(name, [source: source, sinks: sink, 'retry.attempts': '1'], emitting { Thread.sleep(1) }, codec, bootstrapServers, redisUri)
    opened << running

    when:
    produce(['flag', 'error', 'b'].collect { record(it, partition: 0) })
    awaitDrained()

    then:
    visible() == ['b', 'flag']
    values(letters()) == ['error']
    neverFailed(running)
  }

  @Tag('long')
  def "an Error of a handler is its record's: #what"() {
    given:
    def running = run(['retry.attempts': 1], emitting { if (it.startsWith('bad')) failing() })

    when:
    produce(['a', 'bad1', 'bad2', 'b'].collect { record(it, partition: 0) })
    awaitDrained()

    then:
    visible() == ['a', 'b']
    values(letters()).sort() == ['bad1', 'bad2']
    letters().collect { header(it, 'dead-letter-exception') }.every { it in thrown }
    neverFailed(running)

    where:
    what                                  | thrown                                                                    | failing
    'a class that cannot be initialized'  | ['java.lang.ExceptionInInitializerError', 'java.lang.NoClassDefFoundError'] | { Uninitialized.VALUE }
    'an array beyond all bounds'          | ['java.lang.OutOfMemoryError']                                            | { new long[Integer.MAX_VALUE] }
    'an exception that throws when asked' | [Mute.name]                                                               | { throw new Mute() }
    'an assertion'                        | ['java.lang.AssertionError']                                              | { throw new AssertionError('no') }
  }
}
