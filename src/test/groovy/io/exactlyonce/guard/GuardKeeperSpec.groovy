package io.exactlyonce.guard

import io.exactlyonce.local.BackendsSpec
import io.lettuce.core.RedisClient
import io.lettuce.core.RedisURI
import spock.lang.AutoCleanup

import java.time.Duration
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit

/** One rebuilds at a time; where it dies half-way another finishes. */
class GuardKeeperSpec extends BackendsSpec {

  static final Duration LOCK = Duration.ofMillis(900)

  GuardKeys keys = new GuardKeys(unique('kept'), Duration.ofHours(1))

  @AutoCleanup
  RedisConnections first

  @AutoCleanup
  RedisConnections second

  def setup() {
    first = new RedisConnections(RedisURI.create(redisUri), Duration.ofSeconds(5))
    second = new RedisConnections(RedisURI.create(redisUri), Duration.ofSeconds(5))
  }

  /** A log of so many claims; {@code halfway} is called in the middle of them. */
  ClaimLog log(int claims, Closure halfway = {}) {
    new ClaimLog() {
      boolean isEmpty() { false }

      void fence() {}

      void replay(ClaimLog.Sink sink) {
        (0..<claims).each {
          sink.claim("id$it".bytes, "p$it".bytes)
          if (it == claims.intdiv(2)) halfway()
        }
      }
    }
  }

  def "while one rebuilds the others are told to wait, and adopt what it made"() {
    given:
    def rebuilding = new CountDownLatch(1)
    def go = new CountDownLatch(1)
    def one = new GuardKeeper(first::open, keys, log(10) { rebuilding.countDown(); go.await() }, LOCK)
    def other = new GuardKeeper(second::open, keys, log(10), LOCK)

    when:
    def running = Thread.start { one.establish() }
    rebuilding.await(20, TimeUnit.SECONDS)
    other.establish()

    then:
    thrown(GuardLostException)

    when:
    go.countDown()
    running.join(20_000)
    other.establish()

    then:
    other.generation() == one.generation()
  }

  def "a rebuilder that dies half-way: another takes over when its lock lapses, and nothing of the dead one counts"() {
    given: 'one whose connections are cut as a kill would cut them'
    def one = new GuardKeeper(first::open, keys, log(3000) { first.close() }, LOCK)
    def other = new GuardKeeper(second::open, keys, log(3000), LOCK)

    when:
    one.establish()

    then:
    thrown(RuntimeException)

    when:
    await(Duration.ofSeconds(20)) {
      try {
        other.establish()
        true
      } catch (GuardLostException held) {
        false
      }
    }

    then:
    claims() == 3000 + 1
  }

  def "a rebuild on demand tells its progress, and those who hold the old generation are refused"() {
    given:
    def one = new GuardKeeper(first::open, keys, log(2500), LOCK)
    def other = new GuardKeeper(second::open, keys, log(2500), LOCK)
    one.establish()
    def old = one.generation()
    def told = []

    expect:
    other.rebuild { told << it } == 2500
    told == [1000L, 2000L, 2500L]

    when:
    one.suspect(old)
    one.establish()

    then:
    one.generation() == other.generation()
    one.generation() != old
    claims() == 2500 + 1
  }

  def "a lock whose renewal failed once is renewed the next time"() {
    given:
    def length = Duration.ofSeconds(3)
    def impatient = new RedisConnections(RedisURI.create(redisUri), Duration.ofMillis(300))
    def pausing = RedisClient.create(redisUri)
    long taken = System.nanoTime()
    def lock = new GuardLock(impatient.open().sync(), keys, length)

    when: 'Redis stands still from before the first renewal until behind its time-out; it carries it out then'
    pausing.connect().sync().clientPause(1600)
    await(Duration.ofSeconds(20)) { System.nanoTime() - taken > length.plusSeconds(3).toNanos() }
    new GuardLock(second.open().sync(), keys, length)

    then:
    def e = thrown(GuardLostException)
    e.message.contains('another instance rebuilds')

    cleanup:
    lock?.close()
    pausing?.shutdown()
    impatient?.close()
  }

  /** In the standing generation's only slice, with the field that is no claim. */
  private long claims() {
    def redis = second.open()
    def status = GuardStatus.of(redis.sync(), keys)
    redis.sync().hlen(keys.slice(status.generation(), status.slice()))
  }
}
