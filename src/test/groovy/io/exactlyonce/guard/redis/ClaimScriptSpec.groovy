package io.exactlyonce.guard.redis

import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.local.LocalRedis
import io.lettuce.core.RedisClient
import io.lettuce.core.RedisCommandExecutionException
import io.lettuce.core.RedisURI
import io.lettuce.core.ScriptOutputType
import spock.lang.AutoCleanup
import spock.lang.Tag

import java.time.Duration

/** The script in Redis and the model that the explorer decides by give the same answers. */
class ClaimScriptSpec extends BackendsSpec {

  GuardKeys keys = new GuardKeys(unique('scripted'), Duration.ofHours(1))
  ClaimModel model = new ClaimModel()
  String standing
  String latest = Long.toString(Long.MAX_VALUE)

  @AutoCleanup
  RedisConnections connections

  @AutoCleanup
  GuardConnection redis

  def setup() {
    connections = new RedisConnections(RedisURI.create(redisUri), Duration.ofSeconds(10))
    redis = connections.open()
  }

  @Tag('long')
  def "random calls, slices that pass, are lost or rebuilt: script and model agree (seed #seed)"() {
    given:
    def random = new Random(seed)
    def now = 5L
    def generation = 'g0'
    publish(generation, now, [:])
    def lost = 0

    when:
    300.times { step ->
      switch (random.nextInt(20)) {
        case 0: now += random.nextInt(4); break
        case 1:
          def gone = now - random.nextInt(3)
          model.loseSlice(gone)
          redis.sync().del([keys.slice(standing, gone)] as byte[][])
          break
        case 2:
          model.loseAll()
          redis.sync().del([keys.state()] as byte[][])
          (0..60).each { redis.sync().del([keys.slice(standing, it)] as byte[][]) }
          break
        case 3: generation = "other-$step".toString(); break
        case 4: now = Math.max(5, Math.max(now, model.highest()) - 1); break
        default:
          def ids = (0..7).toList().shuffled(random).take(1 + random.nextInt(5)).collect { "e$it".toString() }
          def positions = ids.collect { "p${random.nextInt(3)}".toString() }
          def expected = byModel(generation, now, ids, positions)
          def answered = byScript(generation, now, ids, positions)
          assert answered == expected: "step $step of seed $seed"
          if (expected == 'lost') {
            lost++
            generation = "g$step".toString()
            publish(generation, Math.max(now, model.highest()), [('e' + random.nextInt(8)): 'p0'])
          }
      }
    }

    then: 'each kind of loss was met'
    lost > 5

    where:
    seed << (1..12)
  }

  def "a slice without a claim in it is there all the same: nothing is taken for lost when a window was quiet"() {
    given:
    publish('g', 5, [a: 'p0'])

    expect:
    byScript('g', 5, ['b'], ['p1']) == []
    byScript('g', 6, ['a'], ['p9']) == [1L]
    byScript('g', 7, ['a'], ['p9']) == [1L]
    byScript('g', 8, ['a'], ['p9']) == []
    byScript('g', 50, ['a'], ['p8']) == []
  }

  def "a claim moves from the position that it is said to be held by, and from no other; across slices too"() {
    given:
    publish('g', 5, [a: 'p0', b: 'p1'])

    expect: 'each answer is what is a duplicate'
    byScript('g', 5, ['a'], ['p9']) == [1L]
    byScript('g', 5, ['a', 'b', 'c'], ['p9', 'p9', 'p9'], 0: 'p0', 1: 'p0', 2: 'p0') == [2L]
    byScript('g', 5, ['a'], ['p0']) == [1L]
    byScript('g', 5, ['a'], ['p9'], 0: 'p0') == []
    byScript('g', 5, ['a'], ['p8'], 0: 'p0') == [1L]
    byScript('g', 6, ['b'], ['p7'], 0: 'p1') == []
    byScript('g', 6, ['b', 'b2'], ['p1', 'p1']) == [1L]
    byScript('g', 8, ['b'], ['p1']) == [1L]
    byScript('g', 8, ['b'], ['p7']) == []
  }

  def "a slice far ahead of the clock is a lost guard, and a clock set forward begins none"() {
    given:
    publish('g', 5, [a: 'p0'])

    expect: 'one slice back is a clock that was corrected a little'
    byScript('g', 4, ['a'], ['p9']) == [1L]
    byScript('g', 3, ['a'], ['p9']) == 'lost'
    byScript('g', 5, ['a'], ['p9']) == [1L]

    when:
    latest = Long.toString(System.currentTimeMillis() - 1000)

    then: 'a clock that was set forward begins no slice, and so forgets no claim'
    byScript('g', 5, ['a'], ['p9']) == [1L]
    byScript('g', 9, ['a'], ['p9']) == 'lost'
  }

  def "a new slice is kept until it is looked at no more, and another server's claims are lost"() {
    given:
    publish('g', 5, [a: 'p0'])
    byScript('g', 6, ['b'], ['p1'])

    expect:
    redis.sync().pttl(keys.slice('g', 6)) > 3.5 * length(6)

    when:
    redis.sync().hset(keys.state(), 'server'.bytes, 'another'.bytes)

    then:
    byScript('g', 6, ['b'], ['p1']) == 'lost'
  }

  def "claims are published only on the server that they were loaded into, and by the lock's holder"() {
    given:
    redis.sync().set(keys.lock(), 'token'.bytes)

    expect: 'what was asked of the state afterwards: no generation stands'
    published('token', 'another server') == 0
    published('another token', server()) == 0
    redis.sync().hget(keys.state(), 'generation'.bytes) == null
    published('token', server()) == 1
    redis.sync().hget(keys.state(), 'generation'.bytes) == 'next'.bytes
  }

  def "a replica answers no claim, also where there is nothing to write"() {
    given: 'a server of its own, which becomes a replica whose primary is never reached: its history stays'
    def own = LocalRedis.start()
    redis.close()
    connections.close()
    connections = new RedisConnections(RedisURI.create(own.uri()), Duration.ofSeconds(10))
    redis = connections.open()
    def client = RedisClient.create(own.uri())
    publish('g', 5, [a: 'p0'])
    byScript('g', 5, ['a'], ['p9']) == [1L]
    def before = server()

    when:
    client.connect().sync().replicaof('127.0.0.1', 1)

    then:
    server() == before

    when:
    eval('g', ['a'], ['p9'])

    then:
    def e = thrown(RedisCommandExecutionException)
    e.message.contains('READONLY this server is a replica')

    cleanup:
    client?.shutdown()
    own?.close()
  }

  def "a state without a slice's length is a lost guard"() {
    given:
    publish('g', 5, [a: 'p0'])

    when:
    redis.sync().hdel(keys.state(), ['length'.bytes] as byte[][])
    eval('g', ['a'], ['p9'])

    then:
    def e = thrown(RedisCommandExecutionException)
    e.message.startsWith('GUARDLOST') && e.message.contains('unknown length')
  }

  private long published(String token, String server) {
    redis.sync().eval(GuardScript.publish(), ScriptOutputType.INTEGER,
        [keys.state(), keys.lock(), keys.slice('next', 5), keys.slicePrefix()] as byte[][],
        token.bytes, server.bytes, 'next'.bytes, '5'.bytes, '3600000'.bytes, ''.bytes, ''.bytes)
  }

  private byModel(String generation, long now, List<String> ids, List<String> positions) {
    try {
      model.claim(generation, server(), now, ids, positions)
    } catch (ClaimModel.LostException e) {
      'lost'
    }
  }

  private byScript(Map moves = [:], String generation, long now, List<String> ids, List<String> positions) {
    try {
      redis.sync().hset(keys.state(), 'length'.bytes, Long.toString(length(now)).bytes)
      eval(moves, generation, ids, positions)
    } catch (RedisCommandExecutionException e) {
      assert e.message.startsWith('GUARDLOST')
      'lost'
    }
  }

  private eval(Map moves = [:], String generation, List<String> ids, List<String> positions) {
    def arguments = [generation, latest, Integer.toString(ids.size()), *ids, *positions, *moves.collectMany { i, from -> ["${i + 1}".toString(), from] }].collect { it.bytes } as byte[][]
    redis.sync().eval(GuardScript.claim(), ScriptOutputType.MULTI, [keys.state(), keys.slicePrefix()] as byte[][], arguments)
  }

  /** So long that the server's clock stands in the middle of this slice. */
  private static long length(long slice) {
    (long) (System.currentTimeMillis() / (slice + 0.5d))
  }

  private void publish(String generation, long slice, Map<String, String> claims) {
    def lock = GuardKeys.bytes('token')
    redis.sync().set(keys.lock(), lock)
    claims.each { key, position -> redis.sync().hset(keys.slice(generation, slice), key.bytes, position.bytes) }
    assert redis.sync().eval(GuardScript.publish(), ScriptOutputType.INTEGER,
        [keys.state(), keys.lock(), keys.slice(generation, slice), keys.slicePrefix()] as byte[][],
        lock, server().bytes, generation.bytes, Long.toString(slice).bytes, '3600000'.bytes, (standing ?: '').bytes, ''.bytes) == 1L
    standing = generation
    model.publish(generation, server(), slice, claims)
  }

  private String server() {
    GuardStatus.of(redis.sync(), keys).server()
  }
}
