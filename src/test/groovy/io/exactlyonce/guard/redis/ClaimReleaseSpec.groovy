package io.exactlyonce.guard.redis

import io.exactlyonce.guard.ClaimBatch
import io.exactlyonce.guard.ClaimLog
import io.exactlyonce.guard.GuardLostException
import io.exactlyonce.guard.Position
import io.exactlyonce.guard.TopicTag
import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.local.LocalRedis
import io.lettuce.core.RedisURI
import org.apache.kafka.common.Uuid
import org.apache.kafka.common.errors.TimeoutException
import spock.lang.AutoCleanup

import java.time.Duration
import java.util.concurrent.ExecutionException
import java.util.concurrent.atomic.AtomicReference
import java.util.function.UnaryOperator

/** Claims of a topic that is gone: those of what was not processed are deleted, and no others. */
class ClaimReleaseSpec extends BackendsSpec {

  static final Uuid FORMER = Uuid.fromString('kG1qX3T5Rf6xM0m2T2cN5Q')
  static final Uuid NOW = Uuid.fromString('lG1qX3T5Rf6xM0m2T2cN5Q')

  GuardKeys keys = new GuardKeys(unique('released'), Duration.ofHours(1))
  String announced = ''
  GuardKeeper keeper

  @AutoCleanup
  RedisConnections connections

  @AutoCleanup
  GuardConnection redis

  @AutoCleanup
  RedisGuard guard

  def setup() {
    connections = new RedisConnections(RedisURI.create(redisUri), Duration.ofSeconds(20))
    redis = connections.open()
    keeper = new GuardKeeper(connections::open, keys, new ClaimLog() {
      boolean isEmpty() { false }

      String newest() { announced }

      String announce(UnaryOperator<String> next) { announced = next.apply(announced) }

      void replay(ClaimLog.Sink sink) {}
    }, 'redis', Duration.ofSeconds(2))
    guard = new RedisGuard(connections.open(), keys, keeper, Duration.ofSeconds(20), Runnable::run)
    keeper.establish()
    guard.adopt()
  }

  def "position #partition@#offset of #topic, up to 1@200 and 300@5 processed: deleted is #deleted, in all slices"() {
    given:
    def position = Position.encode(topic, partition, offset)
    (0..2).each { redis.sync().hset(slice(it), "e$it".bytes, position) }

    when:
    def count = release([1: 200L, 300: 5L])

    then:
    count == (deleted ? 3 : 0)
    (0..2).every { (redis.sync().hget(slice(it), "e$it".bytes) == null) == deleted }

    and: 'a slice without a claim is there all the same'
    redis.sync().hexists(slice(0), ''.bytes)

    where:
    topic  | partition | offset         || deleted
    FORMER | 1         | 199            || false
    FORMER | 1         | 200            || true
    FORMER | 1         | 201            || true
    FORMER | 1         | 1L << 42       || true
    FORMER | 1         | 0              || false
    FORMER | 0         | 200            || true
    FORMER | 2         | 0              || true
    FORMER | 300       | 4              || false
    FORMER | 300       | 5              || true
    FORMER | 16_384    | 500            || true
    NOW    | 1         | 200            || false
    NOW    | 300       | 5              || false
  }

  def "of 100,000 claims those that are void are deleted, some thousand a call, and again nothing is left"() {
    given:
    (0..<100).each { part ->
      def claims = (0..<1000).collectEntries { [("event-${part * 1000 + it}".toString().bytes): Position.encode(it % 2 ? FORMER : NOW, it % 4, part * 10L)] }
      redis.sync().hset(slice(0), claims as Map<byte[], byte[]>)
    }

    when:
    def began = System.nanoTime()
    def count = release([0: 1000L, 1: 500L, 2: 1000L])
    def took = Duration.ofNanos(System.nanoTime() - began)
    println "released $count of 100,000 claims in ${took.toMillis()} ms"

    then: 'partition 1 from the middle on, all of partition 3, of which nothing was processed'
    count == 100 * 250 - 50 * 250 + 100 * 250
    redis.sync().hlen(slice(0)) == 100_001 - count
    took < Duration.ofSeconds(20)
    release([0: 1000L, 1: 500L, 2: 1000L]) == 0
  }

  def "what is released can be claimed by another position, what was processed stays a duplicate"() {
    given:
    claim(FORMER, 0L..<10L) == []

    when:
    guard.release { [(FORMER): [0: 4L]] }.get()

    then:
    claim(NOW, 0L..<10L) == [0, 1, 2, 3]
    claim(NOW, 0L..<10L) == [0, 1, 2, 3]
  }

  def "all topics that are given are released"() {
    given:
    def other = Uuid.randomUuid()
    claim(FORMER, 0L..<5L)
    claim(other, 5L..<9L)

    when:
    guard.release { [(FORMER): [0: 4L], (other): [0: 6L]] }.get()

    then:
    claim(NOW, 0L..<9L) == [0, 1, 2, 3, 5]
  }

  def "of the topics that claims are held for, those that are forgotten are released"() {
    given: 'in two slices'
    def other = Uuid.randomUuid()
    claim(FORMER, 0L..<5L)
    claim(NOW, 5L..<9L)
    redis.sync().hset(slice(1), 'event-20'.bytes, Position.encode(other, 0, 20))
    def held = [] as Set

    when:
    guard.releaseForgotten({ tags -> held.addAll(tags); [TopicTag.of(FORMER), TopicTag.of(other)] as Set }).get()

    then:
    held == [FORMER, NOW, other].collect { TopicTag.of(it) } as Set
    claim(other, (0L..<9L)) == [5, 6, 7, 8]
    !redis.sync().hexists(slice(1), 'event-20'.bytes)
  }

  def "where no claim is held nobody is asked which topics there are"() {
    when:
    guard.releaseForgotten({ tags -> throw new IllegalStateException('asked for nothing') }).get()

    then:
    noExceptionThrown()
  }

  def "nothing is released of another generation; it is established again, and then it is"() {
    given:
    redis.sync().hset(slice(0), 'e'.bytes, Position.encode(FORMER, 0, 7))

    when: 'another rebuild took the generation away'
    redis.sync().hset(keys.state(), 'generation'.bytes, 'another'.bytes)
    guard.release { [(FORMER): [:]] }.get()

    then:
    def e = thrown(ExecutionException)
    e.cause instanceof GuardLostException
    redis.sync().hexists(slice(0), 'e'.bytes)

    when:
    redis.sync().hset(keys.state(), 'generation'.bytes, announced.bytes)
    guard.release { [(FORMER): [:]] }.get()

    then:
    !redis.sync().hexists(slice(0), 'e'.bytes)
  }

  def "nothing is released on a server that another one's claims were copied to"() {
    given:
    redis.sync().hset(slice(0), 'e'.bytes, Position.encode(FORMER, 0, 7))
    redis.sync().hset(keys.state(), 'server'.bytes, 'run:history'.bytes)

    when:
    release([0: 0L])

    then:
    def e = thrown(RuntimeException)
    e.toString().contains('GUARDLOST the claims were kept by server run:history, this is ')
    redis.sync().hexists(slice(0), 'e'.bytes)
  }

  def "nothing is released on a replica, whatever it holds"() {
    given: 'a server that follows nobody, of which the claims are its own'
    def replica = LocalRedis.start()
    def alone = new RedisConnections(RedisURI.create(replica.uri()), Duration.ofSeconds(20))
    def own = alone.open()
    def held = new GuardKeeper(alone::open, keys, new GivenLog(new AtomicReference<>(''), 1, {}), 'redis', Duration.ofSeconds(2))
    held.establish()
    def key = keys.slice(held.generation(), GuardStatus.of(own.sync(), keys).slice())
    own.sync().hset(key, 'e'.bytes, Position.encode(FORMER, 0, 7))

    and: 'it becomes a replica, of nobody that answers, that takes writes'
    own.sync().configSet('replica-read-only', 'no')
    own.sync().replicaof('127.0.0.1', 1)

    when:
    new ClaimRelease(own.async(), keys, Duration.ofSeconds(20)).run(held.generation(), TopicTag.of(FORMER), [0: 0L])

    then:
    def e = thrown(RuntimeException)
    e.toString().contains('READONLY this server is a replica')
    own.sync().hexists(key, 'e'.bytes)

    cleanup:
    own?.close()
    alone?.close()
    replica?.close()
  }

  def "nothing is released where it is not known what was processed"() {
    given:
    claim(FORMER, 0L..<3L)

    when:
    guard.release({ throw new TimeoutException('the receipts do not answer') }).get()

    then:
    def e = thrown(ExecutionException)
    e.cause instanceof TimeoutException
    claim(NOW, 0L..<3L) == [0, 1, 2]
  }

  private long release(Map<Integer, Long> from) {
    new ClaimRelease(redis.async(), keys, Duration.ofSeconds(20)).run(announced, TopicTag.of(FORMER), from)
  }

  private List<Integer> claim(Uuid topic, Collection<Long> offsets) {
    def batch = new ClaimBatch()
    offsets.each { batch.add("event-$it".toString().bytes, Position.encode(topic, 0, it)) }
    guard.claim(batch).get().stream().boxed().toList()
  }

  private byte[] slice(int back) {
    keys.slice(announced, GuardStatus.of(redis.sync(), keys).slice() - back)
  }
}
