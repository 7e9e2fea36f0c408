package io.exactlyonce.contract

import io.exactlyonce.guard.ClaimBatch
import io.exactlyonce.guard.ClaimKey
import io.exactlyonce.guard.ClaimLog
import io.exactlyonce.guard.Position
import io.exactlyonce.guard.redis.GuardKeeper
import io.exactlyonce.guard.redis.GuardKeys
import io.exactlyonce.guard.redis.RedisConnections
import io.exactlyonce.guard.redis.RedisEffectStore
import io.exactlyonce.guard.redis.RedisGuard
import io.exactlyonce.local.BackendsSpec
import io.lettuce.core.RedisClient
import io.lettuce.core.RedisURI
import io.lettuce.core.codec.ByteArrayCodec
import org.apache.kafka.common.Uuid

import java.nio.file.Files
import java.time.Duration
import java.util.function.UnaryOperator

/**
 * Keys and values as an earlier version left them in Redis, stored as commands: a word in &lt;&gt; stands for what is of the
 * group, the server and the hour, and what begins with 0x is hexadecimal. Instances of two versions run side by side while
 * they are replaced one by one, so each has to read what the other writes.
 */
class RedisContractSpec extends BackendsSpec {

  static final Uuid TOPIC = Uuid.fromString('kG1qX3T5Rf6xM0m2T2cN5Q')
  static final String GENERATION = '7-5f0c21aa'

  String group = unique('stored')
  GuardKeys keys = new GuardKeys(group, Duration.ofHours(1))
  List<String> rebuilt = []

  RedisConnections connections
  RedisClient client
  GuardKeeper keeper

  def setup() {
    client = RedisClient.create(redisUri)
    connections = new RedisConnections(RedisURI.create(redisUri), Duration.ofSeconds(5))
    keeper = new GuardKeeper(connections::open, keys, log(), 'redis', Duration.ofSeconds(2))
  }

  def cleanup() {
    connections.close()
    client.shutdown()
  }

  def "claims that an earlier version left are trusted as they are: #id at offset #offset is #meaning"() {
    given:
    load()

    when:
    keeper.establish()
    def guard = new RedisGuard(connections.open(), keys, keeper, Duration.ofSeconds(5), Runnable::run)
    guard.adopt()
    def batch = new ClaimBatch()
    batch.add(new ClaimKey().of(id.bytes), new Position(TOPIC, 3, offset).encoded())
    def duplicates = guard.claim(batch).get()

    then:
    rebuilt == []
    duplicates.cardinality() == (meaning == 'a duplicate' ? 1 : 0)

    cleanup:
    guard?.close()

    where:
    id                                 | offset || meaning
    'o-1'                              | 100    || 'the one that has the claim'
    'o-1'                              | 101    || 'a duplicate'
    'an-event-id-that-is-kept-hashed'  | 300    || 'the one that has the claim'
    'an-event-id-that-is-kept-hashed'  | 301    || 'a duplicate'
    'o-2'                              | 102    || 'new'
  }

  def "the result of a call that an earlier version kept is found"() {
    given:
    load()
    def store = new RedisEffectStore(connections::open, keys)

    expect:
    new String(store.find('charge', 'o-1')) == 'receipt-1'

    cleanup:
    store.close()
  }

  def "what is written now is under the keys that were promised"() {
    given:
    load()
    keeper.establish()
    keeper.rebuild {}
    def store = new RedisEffectStore(connections::open, keys)
    store.record('charge', 'o-9', 'r'.bytes)

    expect:
    redis().keys('*' + group + '*').collect { it.replace(group, '<group>').replaceAll(/:\d+-[^:]+:\d+$/, ':<generation>:<slice>') }.toSet() ==
        ['{eo:<group>}:v2:state', '{eo:<group>}:v2:claims:<generation>:<slice>', '{eo:<group>}:effect:charge:o-1', '{eo:<group>}:effect:charge:o-9'] as Set
    redis().hkeys("{eo:$group}:v2:state".toString()).toSet() == ['generation', 'server', 'slice', 'older', 'length', 'missing'] as Set

    cleanup:
    store.close()
  }

  private void load() {
    def redis = client.connect(ByteArrayCodec.INSTANCE).sync()
    def info = redis.info('server') + redis.info('replication')
    def given = [group: group, server: (info =~ /run_id:(\w+)/)[0][1] + ':' + (info =~ /master_replid:(\w+)/)[0][1],
        slice: redis.time().with { new String(it[0]).toLong() * 1000 }.intdiv(keys.sliceMillis()).toString()]
    Files.readAllLines(Contract.FOLDER.resolve('redis.txt')).each { line ->
      def words = line.split(' ').collect { word ->
        word == "''" ? new byte[0] : word.startsWith('0x') ? word.substring(2).decodeHex() : word.replaceAll(/<(\w+)>/) { all, name -> given[name as String] }.bytes
      }
      if (words.size() == 2) redis.set(words[0], words[1])
      else words.drop(1).collate(2).each { redis.hset(words[0], it[0], it[1]) }
    }
  }

  private redis() {
    client.connect().sync()
  }

  private ClaimLog log() {
    new ClaimLog() {
      boolean isEmpty() { false }

      String newest() { GENERATION }

      String announce(UnaryOperator<String> next) {
        rebuilt << 'announced'
        next.apply(GENERATION)
      }

      void replay(ClaimLog.Sink sink) { rebuilt << 'replayed' }
    }
  }
}
