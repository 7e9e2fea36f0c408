package io.exactlyonce.engine.start

import io.exactlyonce.config.ConfigurationException
import io.exactlyonce.config.PipelineConfig
import io.exactlyonce.engine.topic.TopicLimits
import io.exactlyonce.local.Await
import io.exactlyonce.local.LocalFiles
import io.exactlyonce.local.LocalKafka
import org.apache.kafka.clients.admin.Admin
import org.apache.kafka.clients.admin.FeatureUpdate
import org.apache.kafka.clients.admin.NewTopic
import org.apache.kafka.clients.admin.UpdateFeaturesOptions
import org.apache.kafka.clients.consumer.OffsetAndMetadata
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.acl.AccessControlEntry
import org.apache.kafka.common.acl.AclBinding
import org.apache.kafka.common.acl.AclBindingFilter
import org.apache.kafka.common.acl.AclOperation
import org.apache.kafka.common.acl.AclPermissionType
import org.apache.kafka.common.resource.PatternType
import org.apache.kafka.common.resource.ResourcePattern
import org.apache.kafka.common.resource.ResourceType
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.Tag

import java.time.Duration

import static org.apache.kafka.common.acl.AclOperation.*
import static org.apache.kafka.common.resource.ResourceType.*

/**
 * Three brokers with an authorizer, which know two users: the administrator, who makes the topics and may do
 * all, and the pipeline's, who may do what it is allowed.
 */
class StartChecksSpec extends Specification {

  static final String JAAS = 'org.apache.kafka.common.security.plain.PlainLoginModule required'

  @Shared
  @AutoCleanup
  LocalKafka kafka = LocalKafka.cluster(LocalFiles.freshDirectory('start-checks'), 3, [
      // The layout's listener keeps its name and changes its protocol.
      'listener.security.protocol.map'                 : 'PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
      'sasl.enabled.mechanisms'                        : 'PLAIN',
      'sasl.mechanism.inter.broker.protocol'           : 'PLAIN',
      'listener.name.plaintext.plain.sasl.jaas.config' :
          "$JAAS username=\"admin\" password=\"a\" user_admin=\"a\" user_pipeline=\"p\";".toString(),
      'authorizer.class.name'                          : 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users'                                    : 'User:admin;User:ANONYMOUS'],
      ['-Xms64m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'])

  @Shared
  @AutoCleanup
  Admin admin = client('admin', 'a')

  @Shared
  @AutoCleanup
  Admin pipeline = client('pipeline', 'p')

  String name = "p-${UUID.randomUUID().toString().take(8)}"
  String source = "$name-in"
  String sink = "$name-out"

  Admin client(String user, String password) {
    Admin.create('bootstrap.servers': kafka.bootstrapServers(), 'security.protocol': 'SASL_PLAINTEXT',
        'sasl.mechanism': 'PLAIN', 'sasl.jaas.config': "$JAAS username=\"$user\" password=\"$password\";".toString())
  }

  def setup() {
    topic(source)
    topic(sink)
    topic(name + '.dead-letters')
    topic(name + '.receipts')
    [(source): READ, (sink): WRITE].each { topic, operation -> allow(TOPIC, topic, operation) }
    allow(TOPIC, name + '.dead-letters', WRITE)
    [READ, WRITE].each { allow(TOPIC, name + '.receipts', it) }
    allow(GROUP, name, READ)
    allow(TRANSACTIONAL_ID, name, WRITE, PatternType.PREFIXED)
    allow(CLUSTER, 'kafka-cluster', DESCRIBE_CONFIGS)
    allow(TOPIC, '*', DESCRIBE_CONFIGS)
  }

  def cleanup() {
    admin.deleteAcls([AclBindingFilter.ANY]).all().get()
  }

  void topic(String name, Map settings = [:]) {
    def made = new NewTopic(name, settings.partitions ?: 3, (settings.replication ?: 3) as short)
    made.configs((['min.insync.replicas': '2'] + (settings.configs ?: [:])))
    admin.createTopics([made]).all().get()
    assert Await.within(Duration.ofSeconds(20)) { admin.listTopics().names().get().contains(name) }
  }

  AclBinding rule(ResourceType type, String resource, AclOperation operation, PatternType pattern = PatternType.LITERAL) {
    new AclBinding(new ResourcePattern(type, resource, pattern),
        new AccessControlEntry('User:pipeline', '*', operation, AclPermissionType.ALLOW))
  }

  void allow(ResourceType type, String resource, AclOperation operation, PatternType pattern = PatternType.LITERAL) {
    admin.createAcls([rule(type, resource, operation, pattern)]).all().get()
  }

  void deny(ResourceType type, String resource, AclOperation operation, PatternType pattern = PatternType.LITERAL) {
    admin.deleteAcls([rule(type, resource, operation, pattern).toFilter()]).all().get()
  }

  List<String> concerns(Map<String, Object> settings) {
    def raw = ([source: source, sinks: sink] + settings).collectEntries { k, v -> [k, v.toString()] }
    def config = PipelineConfig.parse(name, raw, 'a')
    new StartChecks(config, pipeline, Duration.ofSeconds(20)).run(new TopicLimits(1 << 20))*.text()
  }

  /** The concerns, or the one refusal. */
  List<String> said(Map<String, Object> settings) {
    try {
      return concerns(settings)
    } catch (ConfigurationException e) {
      return ["refused: $e.message".toString()]
    }
  }

  /** Brokers learn of rules and topics a moment after they are made. */
  void expectSaid(Map<String, Object> settings, List<String> expected) {
    def all = []
    Await.within(Duration.ofSeconds(20)) { (all << said(settings)).last() == expected }
    assert all.last() == expected
  }

  @Tag('long')
  def "a cluster that fits and rules that suffice raise no concern, strict or not"() {
    expect:
    expectSaid([:], [])
    expectSaid(['start-checks': 'strict'], [])
  }

  @Tag('long')
  def "a topic or group that may not be used refuses the start: #role without #operation"() {
    given:
    expectSaid([:], [])
    def resource = what(this)
    if (type == GROUP) {
      // Of a group that is there the broker tells what is allowed.
      admin.alterConsumerGroupOffsets(resource, [(new TopicPartition(source, 0)): new OffsetAndMetadata(0)]).all().get()
      allow(GROUP, resource, DESCRIBE)
    }

    when:
    deny(type, resource, operation)

    then:
    expectSaid([:], ["refused: $option $resource = denied $told: allow this instance's principal with: kafka-acls.sh --add --allow-principal User:NAME --$option $resource ${told.collect { "--operation $it" }.join(' ')}".toString()])

    where:
    role           | type  | what                          | operation | option  || told
    'source'       | TOPIC | { it.source }                 | READ      | 'topic' || [READ]
    'sink'         | TOPIC | { it.sink }                   | WRITE     | 'topic' || [WRITE]
    'dead letters' | TOPIC | { it.name + '.dead-letters' } | WRITE     | 'topic' || [WRITE, DESCRIBE_CONFIGS]
    'receipts'     | TOPIC | { it.name + '.receipts' }     | READ      | 'topic' || [READ]
    'group'        | GROUP | { it.name }                   | READ      | 'group' || [READ]
  }

  def "transactional ids that may not be written refuse the start, with the first of them"() {
    when:
    deny(TRANSACTIONAL_ID, name, WRITE, PatternType.PREFIXED)

    then:
    expectSaid([:], ["refused: transactional-id ${name}.a-0-a = denied [WRITE, DESCRIBE]: allow this instance's principal with: kafka-acls.sh --add --allow-principal User:NAME --transactional-id ${name}.a-0-a --operation WRITE --operation DESCRIBE".toString()])
  }

  def "the id that generations of claims are announced under may not be written: a pipeline with a guard does not start"() {
    given: 'all that it needs besides'
    deny(TRANSACTIONAL_ID, name, WRITE, PatternType.PREFIXED)
    allow(TRANSACTIONAL_ID, name + '.', WRITE, PatternType.PREFIXED)

    expect:
    def id = "$name:generation".toString()
    expectSaid([:], ["refused: transactional-id $id = denied [WRITE, DESCRIBE]: allow this instance's principal with: kafka-acls.sh --add --allow-principal User:NAME --transactional-id $id --operation WRITE --operation DESCRIBE".toString()])
    expectSaid(['guard.store': 'off'], [])
  }

  def "settings of brokers and topics that may not be seen are a concern: what depends on them is not checked"() {
    when:
    deny(CLUSTER, 'kafka-cluster', DESCRIBE_CONFIGS)

    then:
    expectSaid([:], ["cluster = denied [DESCRIBE_CONFIGS]: so the brokers' settings are not checked; allow this instance's principal with: kafka-acls.sh --add --allow-principal User:NAME --cluster --operation DESCRIBE_CONFIGS"])
  }

  def "a missing topic that may not be created refuses the start instead of waiting for it"() {
    when:
    allow(TOPIC, "$name-new", WRITE)

    then:
    expectSaid([sinks: "$name-new"], ['refused: kafka authorization = denied: Authorization failed.; allow it to this instance\'s principal with kafka-acls.sh'])
  }

  @Tag('long')
  def "#concern is a concern, and refuses a strict start"() {
    given:
    def changed = "$name-changed".toString()
    topic(changed, made)
    [READ, WRITE].each { allow(TOPIC, changed, it) }

    expect:
    expectSaid([(as): changed], [text.replace('TOPIC', changed).replace('NAME', name)])
    expectSaid([(as): changed, 'start-checks': 'strict'], ['refused: ' + text.replace('TOPIC', changed).replace('NAME', name)])

    where:
    concern                     | as       | made                                             || text
    'replication 1'             | 'sinks'  | [replication: 1, configs: ['min.insync.replicas': '1']] || 'topic TOPIC replication = 1: a broker that is lost takes its records along; raise it to 3 with kafka-reassign-partitions.sh'
    'min ISR 1'                 | 'sinks'  | [configs: ['min.insync.replicas': '1']]          || 'topic TOPIC min.insync.replicas = 1: a record that one broker has counts as written, and is lost with it; set it to 2'
    'min ISR = replication'     | 'sinks'  | [configs: ['min.insync.replicas': '3']]          || 'topic TOPIC min.insync.replicas = 3: with replication 3 nothing can be written while one broker is away; raise the replication'
    'a source kept too short'   | 'source' | [configs: ['retention.ms': '3600000']]           || 'topic TOPIC retention.ms = 3600000: is shorter than guard.window (86400000 ms), so claims of older records could not be rebuilt from this topic after a loss of Redis, and duplicates would be processed; set it to at least 86400000, or lower pipelines.NAME.guard.window'
    'a source bound in bytes'   | 'source' | [configs: ['retention.bytes': '1000000']]        || 'topic TOPIC retention.bytes = 1000000: may delete records younger than guard.window (86400000 ms), so some claims could not be rebuilt from this topic after a loss of Redis, and duplicates would be processed; set it to -1, or so large that it holds the records of that time'
    'a source that is compacted'| 'source' | [configs: ['cleanup.policy': 'compact']]         || 'topic TOPIC cleanup.policy = compact: claims of records that were compacted away could not be rebuilt from this topic after a loss of Redis, and duplicates would be processed; set it to delete'
  }

  def "without a guard the retention of the source is nobody's concern"() {
    given:
    def changed = "$name-changed".toString()
    topic(changed, [configs: ['retention.ms': '3600000']])
    allow(TOPIC, changed, READ)

    expect:
    expectSaid([source: changed, 'guard.store': 'off'], [])
  }

  def "more workers than partitions refuse a strict start; else the pipeline itself warns, as long as it is so"() {
    expect:
    expectSaid([workers: 4], [])
    expectSaid([workers: 4, 'start-checks': 'strict'], ["refused: pipelines.${name}.workers = 4: [$source] has 3 partitions, which leaves 1 idle; add partitions or take fewer workers".toString()])
  }

  def "a transaction-timeout above the broker's is refused, strict or not"() {
    expect:
    expectSaid(['transaction-timeout': '20m'], ["refused: pipelines.${name}.transaction-timeout = 1200000ms: is above the broker's transaction.max.timeout.ms of 900000ms; lower the one or raise the other".toString()])
  }

  def "a cluster below transaction.version 2 is a concern for exactly-once alone"() {
    given:
    def level = { int to -> admin.updateFeatures(['transaction.version': new FeatureUpdate(to as short, to < 2 ? FeatureUpdate.UpgradeType.SAFE_DOWNGRADE : FeatureUpdate.UpgradeType.UPGRADE)], new UpdateFeaturesOptions()).all().get() }
    def text = 'cluster transaction.version = 1: a delayed commit or abort request can end a later transaction (KIP-890); upgrade with: kafka-features.sh upgrade --feature transaction.version=2'
    level(1)

    expect:
    expectSaid([:], [text])
    expectSaid(['start-checks': 'strict'], ["refused: $text".toString()])
    expectSaid(['start-checks': 'strict', delivery: 'at-least-once'], [])

    cleanup:
    level(2)
  }
}
