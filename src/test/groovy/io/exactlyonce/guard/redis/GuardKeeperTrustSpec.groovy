package io.exactlyonce.guard.redis

import io.exactlyonce.guard.ClaimLog
import io.exactlyonce.guard.GuardLostException
import io.exactlyonce.guard.MissingClaims
import io.exactlyonce.receipt.Generation

import java.time.Clock
import java.time.Duration
import java.util.concurrent.atomic.AtomicReference
import java.util.function.UnaryOperator

/** Which claims a keeper believes that it finds in Redis, and which it has rebuilt. */
class GuardKeeperTrustSpec extends KeptClaims {

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
}
