package io.exactlyonce.engine.handling

import io.exactlyonce.engine.spi.Tracing
import io.exactlyonce.engine.status.PipelineCounters
import io.exactlyonce.guard.redis.GuardKeys
import io.exactlyonce.guard.redis.RedisConnections
import io.exactlyonce.guard.redis.RedisEffectStore
import io.exactlyonce.handler.Event
import io.exactlyonce.local.Await
import io.exactlyonce.local.LocalRedis
import io.lettuce.core.RedisURI
import spock.lang.AutoCleanup
import spock.lang.Specification
import spock.lang.Timeout

import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CountDownLatch
import java.util.concurrent.CyclicBarrier
import java.util.concurrent.ExecutionException
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicInteger

/** While Redis is away an effect waits, as claims do, and no longer than anybody wants its result. */
@Timeout(60)
class EffectCallsSpec extends Specification {

  @AutoCleanup
  LocalRedis redis = LocalRedis.start()
  @AutoCleanup
  RedisConnections connections = new RedisConnections(RedisURI.create(redis.uri()), Duration.ofMillis(300))
  PipelineCounters counters = new PipelineCounters()
  EffectCalls effects = new EffectCalls(new RedisEffectStore({ connections.open() }, new GuardKeys('g', Duration.ofHours(1))), Duration.ofSeconds(10), 'p', counters, Tracing.off())

  def gone = new AtomicBoolean()
  def calls = new AtomicInteger()
  def called = new CountDownLatch(1)
  def result = new CompletableFuture<String>()

  def cleanup() {
    effects.close()
  }

  /** A handler's thread that makes one effect. */
  Thread handler(Closure<String> call) {
    def of = effects.of('e', new Event.Source('in', 0, 7), { gone.get() })
    Thread.start {
      try {
        result.complete(of.once('charge', { calls.incrementAndGet(); called.countDown(); call() }))
      } catch (Throwable e) {
        result.completeExceptionally(e)
      }
    }
  }

  /** It has asked at least once and been told that Redis is away. */
  void awaitWaiting(Thread thread) {
    assert Await.within(Duration.ofSeconds(20)) { thread.stackTrace.any { it.className.startsWith('java.util.concurrent.CountDownLatch') } }
  }

  def "a result that could not be recorded is recorded when Redis is back, and the call is made once"() {
    given:
    def thread = handler { redis.kill(); 'paid' }
    called.await()
    awaitWaiting(thread)

    expect:
    !result.done

    when:
    redis.restart()

    then:
    result.get(30, TimeUnit.SECONDS) == 'paid'
    calls.get() == 1

    and: 'it stands'
    effects.of('e', new Event.Source('in', 0, 7), { false }).once('charge', { throw new AssertionError() }) == 'paid'
  }

  def "what a call throws is thrown on as it is: #error.class.simpleName"() {
    when:
    effects.of('e', new Event.Source('in', 0, 7), { false }).once('charge', { throw error })

    then:
    def e = thrown(Throwable)
    e.is(error)

    where:
    error << [new StackOverflowError(), new NoClassDefFoundError('gone'), new IOException('refused')]
  }

  def "where two runs make the call at once, both go on with what was recorded first"() {
    given:
    def both = new CyclicBarrier(2)
    def source = new Event.Source('in', 0, 7)

    when:
    def results = (1..2).collect { run ->
      CompletableFuture.supplyAsync { effects.of('e', source, { false }).once('charge', { both.await(); "call $run".toString() }) }
    }*.get(20, TimeUnit.SECONDS)

    then:
    results.toSet().size() == 1
    effects.of('e', source, { false }).once('charge', { throw new AssertionError() }) == results[0]
  }

  def "the wait for Redis ends when #what"() {
    given:
    redis.kill()
    def thread = handler { 'never' }
    awaitWaiting(thread)

    when:
    end(this, thread)
    result.get(20, TimeUnit.SECONDS)

    then:
    def e = thrown(ExecutionException)
    e.cause.class == type
    e.cause.message == says
    calls.get() == 0

    where:
    what                           | end                            || type                  | says
    'the record was dropped'       | { it, t -> it.gone.set(true) } || IllegalStateException | 'effect charge of in-0@7: Redis is away and the record was dropped; the effect is looked up again when the record is read again'
    'the pipeline has stopped'     | { it, t -> it.effects.close() } || IllegalStateException | 'effect charge of in-0@7: Redis is away and the pipeline stopped'
    'the handler is interrupted'   | { it, t -> t.interrupt() }     || InterruptedException  | null
  }
}
