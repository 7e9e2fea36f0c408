package io.exactlyonce.guard.redis

import io.exactlyonce.guard.ClaimBatch
import io.exactlyonce.guard.ClaimLog
import io.exactlyonce.guard.Guard
import io.exactlyonce.guard.GuardLostException
import io.exactlyonce.guard.GuardRenewedException
import io.exactlyonce.local.BackendsSpec
import io.lettuce.core.RedisURI
import spock.lang.AutoCleanup

import java.time.Duration
import java.util.concurrent.ExecutionException
import java.util.function.UnaryOperator

/** Which generation a claim may carry, and what comes before a generation is made. */
class RedisGuardSpec extends BackendsSpec {

  GuardKeys keys = new GuardKeys(unique('guarded'), Duration.ofHours(1))
  List<String> steps = []

  @AutoCleanup
  RedisConnections connections

  @AutoCleanup
  Guard guard

  GuardKeeper keeper
  String announced = ''

  def setup() {
    connections = new RedisConnections(RedisURI.create(redisUri), Duration.ofSeconds(5))
    keeper = new GuardKeeper(connections::open, keys, log(), 'redis', Duration.ofSeconds(2))
    guard = new RedisGuard(connections.open(), keys, keeper, Duration.ofSeconds(5), Runnable::run)
  }

  /** Says in which order it is asked, and whether a claim could still be made then. */
  ClaimLog log() {
    new ClaimLog() {
      boolean isEmpty() { false }

      String newest() { announced }

      String announce(UnaryOperator<String> next) {
        steps << "announce, ${standing()}".toString()
        announced = next.apply(announced)
      }

      void replay(ClaimLog.Sink sink) { steps << "replay, ${standing()}".toString() }
    }
  }

  String standing() {
    def redis = connections.open()
    try {
      redis.sync().hget(keys.state(), 'generation'.bytes) == null ? 'no generation stands' : 'one stands'
    } finally {
      redis.close()
    }
  }

  def "a rebuild first takes the generation away, then announces, and only then reads the log"() {
    given:
    keeper.establish()
    steps.clear()

    when:
    keeper.rebuild {}

    then:
    steps == ['announce, no generation stands', 'replay, no generation stands']
  }

  def "claims are made only with a generation that was adopted, and a renewed one has to be adopted again"() {
    given:
    keeper.establish()

    expect: 'nobody said yet that nothing from before is in hand'
    failure() instanceof GuardRenewedException

    when:
    guard.adopt()

    then:
    guard.claim(batch()).get().isEmpty()

    when:
    keeper.rebuild {}

    then:
    failure() instanceof GuardRenewedException

    when:
    guard.adopt()

    then:
    guard.claim(batch()).get().isEmpty()
  }

  def "a rebuild that lost its lock to another one publishes nothing"() {
    given:
    def usurper = new GuardKeeper(connections::open, keys, new ClaimLog() {
      boolean isEmpty() { false }

      String newest() { '' }

      String announce(UnaryOperator<String> next) { next.apply('') }

      void replay(ClaimLog.Sink sink) {
        def redis = connections.open()
        redis.sync().set(keys.lock(), 'somebody else'.bytes)
        redis.close()
      }
    }, 'redis', Duration.ofSeconds(2))

    when:
    usurper.establish()

    then:
    thrown(GuardLostException)
    standing() == 'no generation stands'
  }

  private static ClaimBatch batch() {
    def batch = new ClaimBatch()
    batch.add('id'.bytes, 'position'.bytes)
    batch
  }

  private Throwable failure() {
    try {
      guard.claim(batch()).get()
      null
    } catch (ExecutionException e) {
      e.cause
    }
  }
}
