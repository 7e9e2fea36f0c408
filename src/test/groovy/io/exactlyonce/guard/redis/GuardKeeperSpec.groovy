package io.exactlyonce.guard.redis

import io.exactlyonce.guard.ClaimLog
import io.exactlyonce.guard.GuardLostException
import io.exactlyonce.guard.MissingClaims
import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.receipt.Generation
import io.lettuce.core.RedisClient
import io.lettuce.core.RedisURI
import io.lettuce.core.cluster.api.sync.RedisClusterCommands
import spock.lang.AutoCleanup
import spock.lang.Tag

import java.lang.reflect.Proxy
import java.time.Clock
import java.time.Duration
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicReference
import java.util.function.UnaryOperator

/** One rebuilds at a time; where it dies half-way another finishes. */
class GuardKeeperSpec extends BackendsSpec {

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

  @Tag('long')
  def "a rebuild that is killed holds the next one up for ten seconds, not for a minute"() {
    given: 'the lock that a pipeline takes, which had been renewed when the kill came'
    def timeout = Duration.ofSeconds(2)
    def began = System.nanoTime()
    def one = new GuardKeeper(first::open, keys, log(3000) {
      await(Duration.ofSeconds(20)) { System.nanoTime() - began > Duration.ofSeconds(5).toNanos() }
      first.close()
    }, 'redis', timeout)
    def other = new GuardKeeper(second::open, keys, log(3000), 'redis', timeout)

    when:
    one.establish()

    then:
    thrown(RuntimeException)

    when:
    def killed = System.nanoTime()
    await(Duration.ofSeconds(70)) {
      try {
        other.establish()
        true
      } catch (GuardLostException held) {
        false
      }
    }

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
      await(Duration.ofSeconds(20)) { System.nanoTime() - began > LOCK.multipliedBy(4).toNanos() }
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

  def "claims #what are rebuilt, by those who hold them and by those who start"() {
    given:
    def one = keeper(first::open, keys, log(10))
    one.establish()
    def old = one.generation()
    def redis = second.open().sync()
    def slice = status().slice()

    when:
    damage(redis, keys, slice)
    def other = keeper(second::open, keys, log(10))
    other.establish()

    then:
    other.generation() != old
    status().slice() == status().millis().intdiv(keys.sliceMillis())
    status().sliceMillis() == keys.sliceMillis()
    claims() == 10 + 1

    when:
    one.suspect(old)
    one.establish()

    then:
    one.generation() == other.generation()

    where:
    what                                      | damage
    'in a slice that is frozen until 2083'    | { r, k, at -> r.hset(k.state(), 'slice'.bytes, Long.toString(at * 2).bytes) }
    'ahead of a clock that was set back'      | { r, k, at -> r.hset(k.state(), 'slice'.bytes, Long.toString(at + 2).bytes) }
    'of a version that kept no slice length'  | { r, k, at -> r.hdel(k.state(), ['length'.bytes] as byte[][]) }
  }

  def "Redis' clock is #ahead slices ahead of the one here, claims are of #age slices ago: a start #what"() {
    given: 'as if Redis had been set forward since: its last slice is of before'
    def replays = 0
    keeper(first::open, keys, log(10)).establish()
    def old = status()
    def redis = second.open().sync()
    def last = old.slice() - ahead - age
    redis.rename(keys.slice(old.generation(), old.slice()), keys.slice(old.generation(), last))
    redis.hset(keys.state(), 'slice'.bytes, Long.toString(last).bytes)

    when:
    def own = Clock.offset(Clock.systemUTC(), Duration.ofMillis(-ahead * keys.sliceMillis()))
    def started = keeper(second::open, keys, log(10) { replays++ }, own)
    started.establish()

    then:
    replays == (rebuilds ? 1 : 0)
    (started.generation() != old.generation()) == rebuilds
    !rebuilds || status().slice() == status().millis().intdiv(keys.sliceMillis())

    when: 'the next one finds them whole'
    keeper(first::open, keys, log(10) { replays++ }, own).establish()

    then:
    replays == (rebuilds ? 1 : 0)

    where:
    ahead | age || rebuilds
    3     | 0   || true
    3     | 2   || true
    3     | 3   || false
    1     | 0   || true
    0     | 1   || false
    0     | 3   || false
    what = rebuilds ? 'rebuilds them' : 'adopts them'
  }

  def "records that were processed without the guard since are a reason to rebuild, once"() {
    given:
    def told = new ToldLog(announced)
    keeper(first::open, keys, told).establish()
    def old = status().generation()

    when:
    told.unguarded = 'receipts-0@7'
    def again = keeper(second::open, keys, told)
    again.establish()

    then:
    again.generation() != old
    told.replays == 2

    when:
    keeper(first::open, keys, told).establish()

    then:
    told.replays == 2

    when: 'so many of them that the log tells of no generation any more'
    told.unguarded = 'receipts-0@99999'
    announced.set('')
    keeper(second::open, keys, told).establish()

    then:
    told.replays == 3
  }

  def "what a rebuild did not find is known to whoever adopts its generation, until another rebuild"() {
    given:
    def part = new MissingClaims.Part('in-0@0-7', 8, 'their records were deleted')
    def missing = new MissingClaims([part], 1234)
    def told = { new ToldLog(announced, missing) }
    def one = told()
    def adopting = told()

    when:
    keeper(first::open, keys, one).rebuild {}
    keeper(second::open, keys, adopting).establish()

    then:
    adopting.known == missing
    one.known == null

    when:
    missing = MissingClaims.NONE
    keeper(first::open, keys, told()).rebuild {}
    keeper(second::open, keys, adopting).establish()

    then:
    adopting.known == MissingClaims.NONE
  }

  def "of many stretches a hundred are written one by one, and what another generation lacks is not read"() {
    given:
    def parts = (0..<250).collect { new MissingClaims.Part("in-$it@0-7", 8, 'their records were deleted') }
    def written = new MissingClaims(parts, 1234).written('3-x')

    when:
    def read = MissingClaims.read(written, '3-x')

    then:
    read.parts().size() == 101
    read.most() == 250 * 8
    read.millis() == 1234
    read.parts()[0..99] == parts[0..99]

    and:
    MissingClaims.read(written, '4-y') == MissingClaims.NONE
    MissingClaims.read('', '') == MissingClaims.NONE
    MissingClaims.read('3-x\n1234', '3-x') == MissingClaims.NONE
    MissingClaims.read('3-x\n1234\nodd', '3-x') == MissingClaims.NONE
  }

  /** A log that proves one claim, and lacks some. */
  static class ToldLog implements ClaimLog {
    final AtomicReference<String> generation
    final MissingClaims missing
    MissingClaims known
    String unguarded = ''
    int replays

    ToldLog(AtomicReference<String> generation, MissingClaims missing = MissingClaims.NONE) {
      this.generation = generation
      this.missing = missing
    }

    boolean isEmpty() { false }

    String newest() { generation.get() }

    String unguarded() { unguarded }

    String announce(UnaryOperator<String> next) {
      unguarded = ''
      generation.updateAndGet(next)
    }

    void replay(ClaimLog.Sink sink) {
      replays++
      sink.claim('id'.bytes, 'p'.bytes)
    }

    MissingClaims missing() { missing }

    void know(MissingClaims byAnother) { known = byAnother }
  }

  def "claims of a group whose log knows no generation yet are kept, and it learns of theirs"() {
    given: 'what a version left behind that announced none'
    def replays = 0
    keeper(first::open, keys, log(10)).establish()
    def standing = status().generation()
    announced.set('')

    when:
    def one = keeper(first::open, keys, log(10) { replays++ })
    one.establish()

    then:
    one.generation() == standing
    announced.get() == standing
    replays == 0
  }

  def "claims of another generation than the log's newest are refused, whoever holds them; after a wait they are rebuilt"() {
    given: 'one that goes on while another server was rebuilt'
    def long now = System.nanoTime()
    def one = new GuardKeeper(first::open, keys, log(10), LOCK, new Disbelief(keys.group(), 'redis', WAIT, WAIT, { now }),
        new ServerClock(keys.group(), Clock.systemUTC()))
    one.establish()
    def old = one.generation()
    announced.set('7-elsewhere')

    when:
    one.adopt()

    then:
    def replaced = thrown(GuardLostException)
    replaced.message.contains(old)
    replaced.message.contains('7-elsewhere')

    when:
    one.establish()

    then:
    thrown(GuardLostException)
    claims() == 10 + 1
    status().generation() == old

    when:
    one.adopt()

    then: 'still refused, with what to do'
    def refused = thrown(GuardLostException)
    refused.message.contains('run rebuild-guard')

    when:
    now += WAIT.toNanos()
    one.establish()

    then:
    Generation.number(one.generation()) == 8
    one.adopt() == one.generation()
    announced.get() == one.generation()
  }

  def "a rebuild that dies once it is announced leaves a log that is ahead, and the next one rebuilds"() {
    given:
    def one = keeper(first::open, keys, log(10))
    one.establish()
    def old = one.generation()

    when:
    keeper(second::open, keys, log(10) { throw new IllegalStateException('died') }).rebuild {}

    then:
    thrown(IllegalStateException)
    Generation.number(announced.get()) == Generation.number(old) + 1

    when:
    one.adopt()

    then:
    thrown(GuardLostException)

    when:
    one.establish()

    then:
    Generation.number(one.generation()) == Generation.number(old) + 2
    status().generation() == announced.get()
  }

  private GuardStatus status() {
    GuardStatus.of(second.open().sync(), keys)
  }

  /** Calls the hook once, before the first command of this name. */
  private static GuardConnection before(GuardConnection to, String command, Closure hook) {
    def isCalled = false
    def sync = Proxy.newProxyInstance(GuardKeeperSpec.classLoader, [RedisClusterCommands] as Class[]) { proxy, method, arguments ->
      if (method.name == command && !isCalled) {
        isCalled = true
        hook()
      }
      method.invoke(to.sync(), arguments)
    } as RedisClusterCommands
    new GuardConnection(to.connection(), to.async(), sync)
  }

  /** In the standing generation's only slice, with the field that is no claim. */
  private long claims() {
    def redis = second.open()
    def status = GuardStatus.of(redis.sync(), keys)
    redis.sync().hlen(keys.slice(status.generation(), status.slice()))
  }
}
