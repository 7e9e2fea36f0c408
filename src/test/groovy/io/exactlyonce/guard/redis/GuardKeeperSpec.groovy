package io.exactlyonce.guard.redis

import io.exactlyonce.guard.GuardLostException
import io.lettuce.core.RedisClient
import io.lettuce.core.RedisException
import io.lettuce.core.RedisURI
import spock.lang.Tag

import java.time.Duration
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit

/** One rebuilds at a time; where it dies half-way another finishes. */
class GuardKeeperSpec extends KeptClaims {

  /** False where another's rebuild is still under way. */
  static boolean establishes(GuardKeeper keeper) {
    try {
      keeper.establish()
      true
    } catch (GuardLostException held) {
      false
    }
  }

  def "while one rebuilds the others are told to wait, and adopt what it made"() {
    given:
    def rebuilding = new CountDownLatch(1)
    def go = new CountDownLatch(1)
    def one = keeper(first::open, keys, log(10) { rebuilding.countDown(); go.await() })
    def other = keeper(second::open, keys, log(10))

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
    def one = keeper(first::open, keys, log(3000) { first.close() })
    def other = keeper(second::open, keys, log(3000))

    when:
    one.establish()

    then:
    thrown(RuntimeException)

    when:
    await(Duration.ofSeconds(20)) { assert establishes(other) }

    then:
    claims() == 3000 + 1
  }

  @Tag('long')
  def "a rebuild that is killed holds the next one up for ten seconds, not for a minute"() {
    given: 'the lock that a pipeline takes, which had been renewed when the kill came'
    def timeout = Duration.ofSeconds(2)
    def began = System.nanoTime()
    def one = new GuardKeeper(first::open, keys, log(3000) {
      await(Duration.ofSeconds(20)) { assert System.nanoTime() - began > Duration.ofSeconds(5).toNanos() }
      first.close()
    }, 'redis', timeout)
    def other = new GuardKeeper(second::open, keys, log(3000), 'redis', timeout)

    when:
    one.establish()

    then:
    thrown(RuntimeException)

    when:
    def killed = System.nanoTime()
    await(Duration.ofSeconds(70)) { assert establishes(other) }

    then:
    Duration.ofNanos(System.nanoTime() - killed) < Duration.ofSeconds(12)
    claims() == 3000 + 1
  }

  def "a lock outlives some calls of guard.timeout #timeout: it is taken for #length"() {
    expect:
    GuardLock.lengthFor(Duration.parse(timeout)) == Duration.parse(length)

    where:
    timeout  || length
    'PT0.3S' || 'PT10S'
    'PT2S'   || 'PT10S'
    'PT8S'   || 'PT40S'
  }

  def "a rebuild that takes several times the lock's length keeps it to its end"() {
    given:
    def began = System.nanoTime()
    def other = keeper(second::open, keys, log(10))
    def held = []
    def one = keeper(first::open, keys, log(10) {
      await(Duration.ofSeconds(20)) { assert System.nanoTime() - began > LOCK.multipliedBy(4).toNanos() }
      try {
        other.establish()
      } catch (GuardLostException e) {
        held << e.message
      }
    })

    when:
    one.establish()

    then:
    held == ['another instance rebuilds the claims']
  }

  def "a rebuild on demand tells its progress, and those who hold the old generation are refused"() {
    given:
    def one = keeper(first::open, keys, log(2500))
    def other = keeper(second::open, keys, log(2500))
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

  @Tag('long')
  def "a lock whose renewal failed once is renewed the next time"() {
    given:
    def length = Duration.ofSeconds(3)
    def impatient = new RedisConnections(RedisURI.create(redisUri), Duration.ofMillis(300))
    def pausing = RedisClient.create(redisUri)
    long taken = System.nanoTime()
    def lock = new GuardLock(impatient.open().sync(), keys, length)

    when: 'Redis stands still from before the first renewal until behind its time-out; it carries it out then'
    pausing.connect().sync().clientPause(1600)
    await(Duration.ofSeconds(20)) { assert System.nanoTime() - taken > length.plusSeconds(3).toNanos() }
    new GuardLock(second.open().sync(), keys, length)

    then:
    def e = thrown(GuardLostException)
    e.message.contains('another instance rebuilds')

    cleanup:
    lock?.close()
    pausing?.shutdown()
    impatient?.close()
  }

  def "who gets the lock after another has rebuilt adopts what it made, and rebuilds nothing"() {
    given: 'one that looks, and before it has the lock another one rebuilds from beginning to end'
    def one = keeper(first::open, keys, log(10))
    def replays = 0
    def late = keeper({ before(second.open(), 'set') { one.establish() } }, keys, log(10) { replays++ })

    when:
    late.establish()

    then:
    late.generation() == one.generation()
    replays == 0
  }

  def "a lock that Redis does not release is no failure of what was done under it, and expires"() {
    given:
    def lock = new GuardLock(before(first.open(), 'eval') { throw new RedisException('the connection is gone') }.sync(), keys, Duration.ofMinutes(1))

    when:
    lock.close()

    then:
    noExceptionThrown()
    second.open().sync().pttl(keys.lock()) > 0
  }

  def "a lock that another one took over is not given back by the one that lost it"() {
    given:
    def redis = second.open().sync()
    def lost = new GuardLock(first.open().sync(), keys, Duration.ofMinutes(1))

    when:
    redis.set(keys.lock(), 'another one'.bytes)
    lost.close()

    then:
    redis.get(keys.lock()) == 'another one'.bytes

    when:
    redis.del([keys.lock()] as byte[][])
    new GuardLock(redis, keys, Duration.ofMinutes(1)).close()

    then: 'and one that still holds it gives it back'
    redis.get(keys.lock()) == null
  }

  def "claims that are loaded expire before they are published: a rebuild that dies leaves nothing for ever"() {
    given:
    def redis = second.open().sync()
    def expiries = []
    def made = keeper(first::open, keys, log(3000) {
      expiries.addAll(redis.keys("{eo:$keys.group}*claims*".toString().bytes).collect { redis.pttl(it) })
    })

    when:
    made.establish()

    then:
    expiries.size() == 1
    expiries[0] > keys.sliceMillis() * 3
  }

  def "of instances with two windows at once the longer one wins, by one rebuild"() {
    given:
    def replays = 0
    def longer = new GuardKeys(keys.group(), keys.window().multipliedBy(2))
    def one = keeper(first::open, keys, log(10) { replays++ })
    def other = keeper(second::open, longer, log(10) { replays++ })
    one.establish()
    def old = one.generation()

    when: 'each meets what the other made, again and again'
    3.times {
      other.establish()
      one.suspect(old)
      one.establish()
      assert one.generation() == other.generation()
      other.suspect('of another time')
    }

    then:
    replays == 2
    status().sliceMillis() == longer.sliceMillis()

    when: 'a restart with the shorter window keeps the longer one'
    def again = keeper(first::open, keys, log(10) { replays++ })
    again.establish()

    then:
    replays == 2
    again.generation() == other.generation()

    when: 'and a rebuild on demand shortens it'
    again.rebuild {}

    then:
    replays == 3
    status().sliceMillis() == keys.sliceMillis()
  }
}
