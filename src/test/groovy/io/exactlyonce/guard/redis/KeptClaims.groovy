package io.exactlyonce.guard.redis

import io.exactlyonce.guard.ClaimLog
import io.exactlyonce.local.BackendsSpec
import io.lettuce.core.RedisURI
import io.lettuce.core.cluster.api.sync.RedisClusterCommands
import spock.lang.AutoCleanup

import java.lang.reflect.Proxy
import java.time.Clock
import java.time.Duration
import java.util.concurrent.atomic.AtomicReference

/** Claims in Redis, and keepers of them whose log is as a feature says. */
abstract class KeptClaims extends BackendsSpec {

  static final Duration LOCK = Duration.ofMillis(900)
  static final Duration WAIT = Duration.ofMinutes(1)

  AtomicReference<String> announced = new AtomicReference<>('')
  GuardKeys keys = new GuardKeys(unique('kept'), Duration.ofHours(1))

  @AutoCleanup
  RedisConnections first

  @AutoCleanup
  RedisConnections second

  def setup() {
    first = new RedisConnections(RedisURI.create(redisUri), Duration.ofSeconds(5))
    second = new RedisConnections(RedisURI.create(redisUri), Duration.ofSeconds(5))
  }

  /** A log of so many claims, with the generation that all share; {@code halfway} is called in the middle of them. */
  ClaimLog log(int claims, Closure halfway = {}) {
    new GivenLog(announced, claims, halfway)
  }

  GuardKeeper keeper(Closure<GuardConnection> connections, GuardKeys keys, ClaimLog log, Clock own = Clock.systemUTC()) {
    new GuardKeeper(connections, keys, log, LOCK, new Disbelief(keys.group(), 'redis', WAIT, WAIT, System::nanoTime),
        new ServerClock(keys.group(), own))
  }

  GuardStatus status() {
    GuardStatus.of(second.open().sync(), keys)
  }

  /** Calls the hook once, before the first command of this name. */
  static GuardConnection before(GuardConnection to, String command, Closure hook) {
    def isCalled = false
    def sync = Proxy.newProxyInstance(KeptClaims.classLoader, [RedisClusterCommands] as Class[]) { proxy, method, arguments ->
      if (method.name == command && !isCalled) {
        isCalled = true
        hook()
      }
      method.invoke(to.sync(), arguments)
    } as RedisClusterCommands
    new GuardConnection(to.connection(), to.async(), sync)
  }

  /** In the standing generation's only slice, with the field that is no claim. */
  long claims() {
    def redis = second.open()
    def status = GuardStatus.of(redis.sync(), keys)
    redis.sync().hlen(keys.slice(status.generation(), status.slice()))
  }
}
