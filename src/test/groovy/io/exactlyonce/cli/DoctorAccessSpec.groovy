package io.exactlyonce.cli

import io.exactlyonce.local.Await
import io.exactlyonce.local.LocalFiles
import io.exactlyonce.local.LocalKafka
import org.apache.kafka.clients.admin.Admin
import org.apache.kafka.clients.admin.FeatureUpdate
import org.apache.kafka.clients.admin.NewTopic
import org.apache.kafka.clients.admin.UpdateFeaturesOptions
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.acl.AccessControlEntry
import org.apache.kafka.common.acl.AclBinding
import org.apache.kafka.common.acl.AclOperation
import org.apache.kafka.common.acl.AclPermissionType
import org.apache.kafka.common.resource.PatternType
import org.apache.kafka.common.resource.ResourcePattern
import org.apache.kafka.common.resource.ResourceType
import org.apache.kafka.common.serialization.ByteArraySerializer
import picocli.CommandLine
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.Tag

import java.time.Clock
import java.time.Duration

import static org.apache.kafka.common.acl.AclOperation.*
import static org.apache.kafka.common.resource.ResourceType.*

/** Two brokers with an authorizer: rights, replication and the transaction version are looked at. */
@Tag('long')
class DoctorAccessSpec extends Specification {

  static final String JAAS = 'org.apache.kafka.common.security.plain.PlainLoginModule required'

  @Shared
  @AutoCleanup
  LocalKafka kafka = LocalKafka.cluster(LocalFiles.freshDirectory('doctor'), 2, [
      'listener.security.protocol.map'                 : 'PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
      'sasl.enabled.mechanisms'                        : 'PLAIN',
      'sasl.mechanism.inter.broker.protocol'           : 'PLAIN',
      'listener.name.plaintext.plain.sasl.jaas.config' :
          "$JAAS username=\"admin\" password=\"a\" user_admin=\"a\" user_pipeline=\"hush-hush\";".toString(),
      'authorizer.class.name'                          : 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users'                                    : 'User:admin;User:ANONYMOUS'],
      ['-Xms64m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'])

  @Shared
  @AutoCleanup
  Admin admin = Admin.create(login('admin', 'a'))

  String name = "p-${UUID.randomUUID().toString().take(8)}"
  String source = "$name-in"
  String sink = "$name-out"
  String out

  Map<String, Object> login(String user, String password) {
    ['bootstrap.servers': kafka.bootstrapServers(), 'security.protocol': 'SASL_PLAINTEXT', 'sasl.mechanism': 'PLAIN',
     'sasl.jaas.config' : "$JAAS username=\"$user\" password=\"$password\";".toString()]
  }

  def setup() {
    [source, sink, name + '.dead-letters', name + '.receipts'].each { topic(it, 2) }
    allow(TOPIC, source, READ)
    allow(TOPIC, sink, WRITE)
    allow(TOPIC, name + '.dead-letters', WRITE)
    [READ, WRITE].each { allow(TOPIC, name + '.receipts', it) }
    allow(GROUP, name, READ)
    allow(TRANSACTIONAL_ID, name, WRITE, PatternType.PREFIXED)
    [DESCRIBE, DESCRIBE_CONFIGS].each { allow(CLUSTER, 'kafka-cluster', it) }
    allow(TOPIC, '*', DESCRIBE_CONFIGS)
  }

  void topic(String name, int replication) {
    admin.createTopics([new NewTopic(name, 2, replication as short).configs(['min.insync.replicas': '1'])]).all().get()
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

  def "with the rights of the manual access is fine, and what only one broker confirms is a warning"() {
    expect:
    awaitLine('OK', "$name: topics, group, transactional ids = what the pipeline needs is allowed")
    lineOf('OK', 'authorizer = the brokers have one')
    lineOf('WARN', "$name: topic $sink min.insync.replicas = 1: ")
    lineOf('OK', "clock of Kafka's controller, node ")
    lineOf('OK', "$name: transactions in [${[sink, name + '.dead-letters'].sort().join(', ')}] = not looked for: that needs READ")

    when:
    topic("$name-single", 1)
    allow(TOPIC, "$name-single", WRITE)

    then:
    awaitLine('WARN', "$name: topic $name-single replication = 1: ", "pipelines.${name}.sinks=$name-single")
  }

  def "every right that is missing is listed with the command that gives it, not the first alone"() {
    when:
    deny(TOPIC, source, READ)
    deny(TOPIC, sink, WRITE)
    deny(TRANSACTIONAL_ID, name, WRITE, PatternType.PREFIXED)
    deny(CLUSTER, 'kafka-cluster', DESCRIBE)
    deny(CLUSTER, 'kafka-cluster', DESCRIBE_CONFIGS)

    then:
    awaitLine('FAIL', "$name: transactional-id ${name}:generation = denied [WRITE, DESCRIBE]: ")
    lineOf('FAIL', "$name: topic $source = denied [READ]: ").contains("kafka-acls.sh --add --allow-principal User:NAME --topic $source --operation READ")
    lineOf('FAIL', "$name: topic $sink = denied [WRITE]: ")
    lineOf('FAIL', "$name: transactional-id ${name}.a-0-b = denied [WRITE, DESCRIBE]: ")
    lineOf('WARN', "$name: cluster = denied [DESCRIBE_CONFIGS]: ")
    lineOf('UNKNOWN', "clock of Kafka's controller = denied [DESCRIBE]: ")

    and: 'what is denied is not taken for missing'
    !out.contains('= missing')
  }

  def "below transaction.version 2 it is a warning"() {
    given:
    def level = { int to -> admin.updateFeatures(['transaction.version': new FeatureUpdate(to as short, to < 2 ? FeatureUpdate.UpgradeType.SAFE_DOWNGRADE : FeatureUpdate.UpgradeType.UPGRADE)], new UpdateFeaturesOptions()).all().get() }

    when:
    level(1)

    then:
    awaitLine('WARN', "$name: cluster transaction.version = 1: a delayed commit or abort request can end a later transaction (KIP-890)")
    lineOf('OK', 'feature levels of the brokers = ').contains('transaction.version 1')

    cleanup:
    level(2)
  }

  def "a transaction that no coordinator shows is found by its silence, with the command that aborts it"() {
    given: 'the principal may not see this id, which looks the same'
    def producer = new KafkaProducer<byte[], byte[]>(login('admin', 'a') + ['transactional.id': "other-$name".toString(), 'transaction.timeout.ms': 900_000],
        new ByteArraySerializer(), new ByteArraySerializer())
    producer.initTransactions()
    producer.beginTransaction()
    producer.send(new ProducerRecord<byte[], byte[]>(source, 1, null, 'x'.bytes)).get()

    expect:
    awaitLine('OK', "$name: transactions in the pipeline's topics = none is open for longer than its time-out")

    when:
    doctor(Clock.offset(Clock.systemUTC(), Duration.ofMinutes(16)))

    then:
    lineOf('FAIL', "$name: transaction of producer ").contains(", in $source-1 from offset 0 = open, nothing was written in it for 9")
    lineOf('FAIL', "$name: transaction of producer ").endsWith("abort --topic $source --partition 1 --start-offset 0")

    cleanup:
    producer.abortTransaction()
    producer.close(Duration.ZERO)
  }

  def "a login that is refused is a failure, and no secret is told"() {
    expect:
    doctor(Clock.systemUTC(), "kafka.sasl.jaas.config=$JAAS username=\"pipeline\" password=\"not-this-one\";") == 2
    lineOf('FAIL', "Kafka at ${kafka.bootstrapServers()} = refused: ")
    !out.contains('not-this-one')
  }

  def "a command whose login is refused says that, and not that Kafka did not answer"() {
    given:
    def config = LocalFiles.freshDirectory('login').resolve('client.properties')
    def settings = new Properties()
    settings.putAll(login('pipeline', 'not-this-one'))
    config.toFile().withWriter { settings.store(it, null) }
    def errWriter = new StringWriter()

    expect:
    new CommandLine(new LagCommand()).setErr(new PrintWriter(errWriter)).execute('--config', config.toString(), '--group', name) == 3
    errWriter.toString().startsWith("lag: Kafka at ${kafka.bootstrapServers()} refused: ")
    errWriter.toString().contains('; check the security settings in --config')
    !errWriter.toString().contains('not-this-one')
  }

  /** Brokers learn of rules and topics a moment after they are made. */
  private void awaitLine(String level, String text, String... more) {
    Await.within(Duration.ofSeconds(30)) { doctor(Clock.systemUTC(), more); lineOf(level, text) != null }
    assert lineOf(level, text): out
    assert !out.contains('hush-hush')
  }

  private String lineOf(String level, String text) {
    out.readLines().find { it.startsWith(level + ' ') && it.contains(text) }
  }

  private int doctor(Clock clock, String... more) {
    def settings = login('pipeline', 'hush-hush').collect { k, v -> "kafka.$k=$v".toString() } +
        ["pipelines.${name}.source=$source", "pipelines.${name}.sinks=$sink", "pipelines.${name}.instance-id=a",
         "pipelines.${name}.start-checks=warn"]*.toString() + more.toList()
    def outWriter = new StringWriter()
    def status = new CommandLine(new DoctorCommand(clock, getClass().classLoader)).setOut(new PrintWriter(outWriter)).setErr(new PrintWriter(outWriter))
        .execute([*settings.collectMany { ['-P', it] }, name] as String[])
    out = outWriter.toString()
    status
  }
}
