package io.exactlyonce.config

import org.apache.kafka.clients.CommonClientConfigs
import org.apache.kafka.clients.admin.AdminClientConfig
import org.apache.kafka.clients.consumer.ConsumerConfig
import org.apache.kafka.clients.consumer.KafkaConsumer
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerConfig
import spock.lang.Specification

import java.time.Duration

class ClientConfigsSpec extends Specification {

  /** A port that nobody listens on: making a client needs no broker. */
  static final COMMON = ['bootstrap.servers': 'localhost:1']

  static ClientConfigs configs(Map<String, String> settings = [:], Map<String, Object> common = [:]) {
    def config = PipelineConfig.parse('pay', [source: 'in', 'instance-id': 'a'] + settings, 'host')
    new ClientConfigs(config, COMMON + common)
  }

  def "the consumer is pinned to #setting = #value, whatever the common settings say"() {
    expect:
    configs([:], [(setting): 'x']).consumer(1)[setting] == value

    where:
    setting                         || value
    'isolation.level'               || 'read_committed'
    'enable.auto.commit'            || false
    'group.id'                      || 'pay'
    'client.id'                     || 'pay-a-1'
    'partition.assignment.strategy' || 'org.apache.kafka.clients.consumer.CooperativeStickyAssignor'
    'auto.offset.reset'             || 'none'
  }

  def "no consumer has a topic made by asking for it, whatever the common settings say"() {
    given:
    def all = configs([:], ['allow.auto.create.topics': 'true'])

    expect:
    [all.consumer(0), all.reader(), all.uncommittedReader()]*.get('allow.auto.create.topics') == [false] * 3
  }

  def "the producer is pinned to #setting = #value, whatever the common settings say"() {
    expect:
    configs([:], [(setting): 'x']).transactionalProducer(1, 'b')[setting] == value

    where:
    setting                  || value
    'acks'                   || 'all'
    'enable.idempotence'     || true
    'transactional.id'       || 'pay.a-1-b'
    'client.id'              || 'pay-a-1-b'
    'transaction.timeout.ms' || 30_000
    'delivery.timeout.ms'    || 30_000
  }

  def "bytes go in and out, whatever the common settings say"() {
    given:
    def common = ['key.deserializer': 'x', 'value.deserializer': 'x', 'key.serializer': 'x', 'value.serializer': 'x']

    expect:
    (configs([:], common).consumer(0).values() as List).count('x') == 0
    (configs([:], common).transactionalProducer(0, 'a').values() as List).count('x') == 0
  }

  def "a common #setting = #common never reaches the consumers"() {
    expect:
    configs([:], [(setting): common]).consumer(0)[setting] == null

    where:
    setting             | common
    'group.instance.id' | 'static-1'
    'group.protocol'    | 'consumer'
  }

  def "a common #setting = #common never reaches the producers"() {
    expect:
    [configs([:], [(setting): common]).transactionalProducer(0, 'a'), configs([:], [(setting): common]).producer('x')]
        .every { it[setting] != common }

    where:
    setting                               | common
    'transactional.id'                    | 'mine'
    'retries'                             | '0'
    'transaction.two.phase.commit.enable' | 'true'
  }

  def "security and other common settings reach every client that knows them, and no other"() {
    given:
    def all = configs([:], ['security.protocol': 'SSL', 'fetch.min.bytes': '9', 'compression.type': 'zstd', 'not.kafkas': 'x'])
    def clients = [all.consumer(0), all.transactionalProducer(0, 'a'), all.producer('x'), all.admin()]

    expect:
    clients.every { it['security.protocol'] == 'SSL' && it['bootstrap.servers'] == 'localhost:1' }
    clients.collect { it.containsKey('fetch.min.bytes') } == [true, false, false, false]
    clients.collect { it.containsKey('compression.type') } == [false, true, true, false]
    clients.every { !it.containsKey('not.kafkas') }
  }

  def "a fetch is no larger than a small heap bears and a socket as the kernel finds right, unless common settings say more of #key"() {
    expect:
    configs([:], [:]).consumer(0)[key] == ours
    configs([:], [(key): '77']).consumer(0)[key] == '77'
    configs([("consumer.$key".toString()): '78'], [(key): '77']).consumer(0)[key] == '78'

    where:
    key                    || ours
    'fetch.max.bytes'      || 8 * 1024 * 1024
    'receive.buffer.bytes' || -1
  }

  List<Map<String, Object>> producers(Map<String, Object> settings, Map<String, Object> common) {
    def all = configs(settings, common)
    [all.producer('x'), all.transactionalProducer(0, 'a')]
  }

  def "an exactly-once worker polls within two transaction timeouts, as far as settings leave it: #settings"() {
    expect:
    configs(settings, common).consumer(0)['max.poll.interval.ms'] as Integer == ours

    where:
    settings                                                 | common                            || ours
    [:]                                                      | [:]                               || 60_000
    ['transaction-timeout': '6s', 'drain-timeout': '3s']     | [:]                               || 33_000
    ['transaction-timeout': '15m', 'commit-interval': '5m']  | [:]                               || 300_000
    ['transaction-timeout': '15m', 'drain-timeout': '10m']   | [:]                               || 630_000
    ['transaction-timeout': '500h', 'drain-timeout': '400h'] | [:]                               || 1_440_030_000
    [delivery: 'at-least-once']                              | [:]                               || null
    [:]                                                      | ['max.poll.interval.ms': '90000'] || 90_000
    ['consumer.max.poll.interval.ms': '70000']               | ['max.poll.interval.ms': '90000'] || 70_000
  }

  def "what common settings say of #key is kept, and the pipeline's override wins"() {
    expect:
    producers([:], [:])*.get(key) == [ours] * 2
    producers([:], [(key): '77'])*.get(key) == ['77'] * 2
    producers([("producer.$key".toString()): '78'], [(key): '77'])*.get(key) == ['78'] * 2

    where:
    key             || ours
    'linger.ms'     || 5
    'batch.size'    || 64 * 1024
    'buffer.memory' || 64L * 1024 * 1024
  }

  def "an override of the pipeline wins over common settings and our own: #key"() {
    given:
    def all = configs([(key): '77'], [(setting): '55'])

    expect:
    clients(all).every { it[setting].toString() == '77' }

    where:
    key                                  | setting                     | clients
    'consumer.max.poll.records'          | 'max.poll.records'          | { [it.consumer(0)] }
    'consumer.session.timeout.ms'        | 'session.timeout.ms'        | { [it.consumer(0)] }
    'consumer.max.partition.fetch.bytes' | 'max.partition.fetch.bytes' | { [it.consumer(0)] }
    'producer.linger.ms'                 | 'linger.ms'                 | { [it.transactionalProducer(0, 'a'), it.producer('x')] }
    'producer.batch.size'                | 'batch.size'                | { [it.transactionalProducer(0, 'a'), it.producer('x')] }
    'producer.max.request.size'          | 'max.request.size'          | { [it.transactionalProducer(0, 'a'), it.producer('x')] }
    'producer.request.timeout.ms'        | 'request.timeout.ms'        | { [it.transactionalProducer(0, 'a')] }
  }

  def "each worker has two producers of its own, named after pipeline, instance, worker and side"() {
    given:
    def all = configs(workers: '2')
    def ids = [0, 1].collectMany { worker ->
      ['a', 'b'].collect { side -> all.transactionalProducer(worker, side)['transactional.id'] }
    }

    expect:
    ids == ['pay.a-0-a', 'pay.a-0-b', 'pay.a-1-a', 'pay.a-1-b']
  }

  def "a producer without transactions has no transactional id"() {
    expect:
    !configs().producer('x').containsKey('transactional.id')
    configs().producer('x')['client.id'] == 'x'
    configs().producer('x')['enable.idempotence'] == true
  }

  def "the group protocol #protocol sets what it needs and nothing that the client would refuse"() {
    given:
    def settings = configs('group-protocol': protocol).consumer(0)

    expect:
    settings['group.protocol'] == set
    settings.containsKey('partition.assignment.strategy') == assigns

    when:
    new KafkaConsumer<byte[], byte[]>(settings).close()

    then:
    noExceptionThrown()

    where:
    protocol   || set        | assigns
    'classic'  || null       | true
    'consumer' || 'consumer' | false
  }

  def "with membership static every worker has a place of its own in the group, named like its client; with dynamic none"() {
    given:
    def all = configs(membership: membership, workers: '2')

    expect:
    [0, 1].collect { all.consumer(it)['group.instance.id'] } == places
    [0, 1].collect { all.consumer(it)['client.id'] } == ['pay-a-0', 'pay-a-1']

    where:
    membership || places
    'static'   || ['pay-a-0', 'pay-a-1']
    'dynamic'  || [null, null]
  }

  def "the session time-out is the consumers': #settings"() {
    expect:
    configs(settings, common).sessionTimeout() == Duration.ofSeconds(seconds)

    where:
    settings                                | common                         || seconds
    [:]                                     | [:]                            || 15
    ['group-protocol': 'consumer']          | [:]                            || 45
    [:]                                     | ['session.timeout.ms': '9000'] || 9
    ['consumer.session.timeout.ms': '6000'] | ['session.timeout.ms': '9000'] || 6
  }

  def "Kafka's clients accept the settings at a transaction time-out of #timeout"() {
    given:
    def all = configs('transaction-timeout': timeout, 'drain-timeout': '500ms')
    def settings = all.transactionalProducer(0, 'a')
    def read = new ProducerConfig(settings)

    expect:
    read.getInt('delivery.timeout.ms') >= read.getLong('linger.ms') + read.getInt('request.timeout.ms')
    read.getInt('delivery.timeout.ms') <= read.getInt('transaction.timeout.ms')
    read.getLong('max.block.ms') < read.getInt('transaction.timeout.ms')

    when:
    new KafkaProducer<byte[], byte[]>(settings).close(Duration.ZERO)
    new KafkaProducer<byte[], byte[]>(all.producer('x')).close(Duration.ZERO)
    new ConsumerConfig(all.consumer(0))
    new AdminClientConfig(all.admin())

    then:
    noExceptionThrown()

    where:
    timeout << ['1s', '5s', '30s', '10m']
  }

  def "no client setting of the pipeline is one that Kafka does not know"() {
    expect:
    (configs().consumer(0).keySet() - ConsumerConfig.configNames()).empty
    (configs().transactionalProducer(0, 'a').keySet() - ProducerConfig.configNames()).empty
    (configs().admin().keySet() - AdminClientConfig.configNames()).empty
  }

  def "a producer can be made with a request time-out of #request beside a transaction time-out of 30s"() {
    when:
    new KafkaProducer<byte[], byte[]>(configs(overrides, common).transactionalProducer(0, 'a')).close(Duration.ZERO)

    then:
    noExceptionThrown()

    where:
    request               | overrides                                | common
    '30s, common'         | [:]                                      | ['request.timeout.ms': '30000']
    '30s, own'            | ['producer.request.timeout.ms': '30000'] | [:]
  }

  def "the bootstrap servers are the common ones"() {
    expect:
    configs().bootstrapServers() == 'localhost:1'
    configs().admin()[CommonClientConfigs.CLIENT_ID_CONFIG] == 'pay-a'
  }
}
