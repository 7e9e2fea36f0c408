package io.exactlyonce.docker

import io.exactlyonce.local.Await
import io.exactlyonce.local.Compose
import io.exactlyonce.local.KafkaHelper
import io.exactlyonce.local.LocalPorts
import org.apache.kafka.clients.admin.Admin
import org.apache.kafka.clients.admin.ListOffsetsOptions
import org.apache.kafka.clients.admin.OffsetSpec
import org.apache.kafka.common.IsolationLevel
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.config.ConfigResource
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.Stepwise

import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.Callable

/**
 * docker/compose.yml on a real engine, as a user starts it, broken on purpose while payments pour in.
 *
 * It takes minutes and needs an engine, so it runs with -Pdocker alone.
 */
@Stepwise
class ComposeSpec extends Specification {

  static final Duration BOUND = Duration.ofSeconds(120)
  static final int PAYMENTS = 200_000
  /** Slow enough for the load to outlast the faults. */
  static final int RATE = 1200
  static final int LAST_LINES = 40

  @Shared
  Path output = Files.createDirectories(Path.of('target', 'compose').toAbsolutePath())

  @Shared
  List<Integer> ports = LocalPorts.free(4)

  @Shared
  @AutoCleanup
  Compose compose = new Compose('eo-spec', ['compose.yml'],
      [KAFKA_PORT_1: "${ports[0]}", KAFKA_PORT_2: "${ports[1]}", KAFKA_PORT_3: "${ports[2]}", REDIS_PORT: "${ports[3]}",
       SERVER_PORT: '0', REDIS_PASSWORD: 'of-this-spec'].collectEntries { k, v -> [k, v.toString()] }, output)

  @Shared
  @AutoCleanup(quiet = true)
  KafkaHelper kafka

  def setupSpec() {
    compose.close()
    compose.run('up', '--build', '--detach', '--wait', 'app')
    kafka = new KafkaHelper(ports.take(3).collect { "localhost:$it" }.join(','))
  }

  def cleanupSpec() {
    Files.writeString(output.resolve('containers.log'), compose.run('logs', '--no-color', 'app', 'more', 'redis'))
  }

  def "every topic has three copies, of which two acknowledge"() {
    given:
    def names = ['payments', 'ledger', 'notifications', 'payments.receipts', 'payments.dead-letters', '__consumer_offsets', '__transaction_state']
    def topics = admin.describeTopics(names).allTopicNames().get()
    def resources = names.collect { new ConfigResource(ConfigResource.Type.TOPIC, it) }
    def configs = admin.describeConfigs(resources).all().get()

    expect:
    topics.values()*.partitions().flatten().every { it.replicas().size() == 3 }
    configs.collectEntries { [it.key.name(), it.value.get('min.insync.replicas').value()] } == names.collectEntries { [it, '2'] }
  }

  def "the application runs without rights on a root that it cannot write to"() {
    given:
    def app = compose.container('app', 1)
    def image = (Files.readString(Path.of('docker/compose.yml')) =~ /APP_IMAGE:-([\w-]+)/)[0][1]

    expect:
    compose.docker('exec', app, 'id', '-u').strip() == '10001'
    compose.docker('exec', app, 'sh', '-c', 'touch /app/x 2>/dev/null || echo refused').strip() == 'refused'
    compose.inspect(app, '{{.State.Health.Status}}') == 'healthy'

    and: 'Java takes what it has kept of a run while the image was built: with this mode it would end where it could not'
    ['serve', 'tools'].every { compose.docker('exec', app, 'java', '-XX:AOTMode=on', "-XX:AOTCache=${it}.aot", '-jar', 'exactly-once-pipeline.jar', '--version') }

    and: 'no password is in a layer of the image'
    !compose.docker('history', '--no-trunc', image).contains('of-this-spec')
  }

  def "an instance stops by itself at SIGTERM, and the next container in its place has its name"() {
    given:
    def app = compose.container('app', 1)
    def host = compose.inspect(app, '{{.Config.Hostname}}')

    when:
    compose.run('stop', 'app')

    then: 'by SIGTERM, not by SIGKILL'
    compose.inspect(app, '{{.State.ExitCode}}') == '143'

    when:
    compose.run('rm', '--force', 'app')
    compose.run('up', '--detach', '--wait', 'app')

    then:
    compose.inspect(app, '{{.Config.Hostname}}') != host
    members() == [1] as Set
  }

  def "200,000 payments with duplicates, while a broker is killed, instances are paused, cut off and scaled, and Redis restarts"() {
    given:
    def load = compose.start('load', 'run', '--rm', '-T', '--no-deps', '--env', "LOAD_RATE=$RATE", '--env', "LOAD_LIMIT=$PAYMENTS", 'load')

    when: 'three instances share what one had'
    scale(3)

    then:
    await { assert members() == [1, 2, 3] as Set }
    progresses()

    when: 'one is paused until the group has given it up, and comes back as a zombie'
    pause(compose.container('more', 1))
    await { assert members() == [1, 3] as Set }
    progresses()
    compose.docker('unpause', compose.container('more', 1))

    then:
    await { assert members() == [1, 2, 3] as Set }

    when: 'one is cut off from the network until it has no names left to make producers with, and comes back'
    compose.docker('network', 'disconnect', "${compose.project()}_default", compose.container('more', 2))
    await { assert members() == [1, 2] as Set }
    progresses()
    // It first gives up its transaction and its producers, each in its own time-out, and then each of the names.
    await(Duration.ofMinutes(5)) { assert lastSaid(2).contains('cannot be resolved; correct the host names') }
    connect(compose.container('more', 2))

    then:
    await { assert members() == [1, 2, 3] as Set }

    when: 'a broker is killed, and the two that are left go on'
    compose.run('kill', '--signal', 'KILL', 'kafka-2')
    progresses()
    compose.run('up', '--detach', '--wait', '--no-recreate', 'kafka-2')

    and:
    compose.run('restart', 'redis')

    then:
    progresses()

    when: 'two of three instances leave'
    scale(1)

    then:
    await { assert members() == [1] as Set }

    and: 'all that was loaded is committed'
    await(Duration.ofMinutes(5)) { assert !load.alive }
    Files.readString(output.resolve('load.log')).contains("$PAYMENTS rows read, $PAYMENTS records sent")
    await { assert lag() == 0 }

    cleanup:
    load?.close()
  }

  def "the audit finds nothing, from a container"() {
    when:
    def audit = compose.run('run', '--rm', '-T', '--no-deps', 'app', 'audit', '--group', 'payments', '--source', 'payments',
        '--sinks', 'ledger,notifications')

    then:
    audit.contains('lost 0  duplicated 0  out of order 0  unaccounted 0')
  }

  def "whoever reads the ledger finds two lines of each payment, and no third"() {
    when:
    def lines = new LedgerCount(ports.take(3).collect { "localhost:$it" }.join(','), PAYMENTS).read()

    then:
    lines.missing() == 0
    lines.repeated() == 0
    lines.strange() == 0
  }

  private Admin getAdmin() {
    kafka.admin()
  }

  private void scale(int instances) {
    compose.run('up', '--detach', '--wait', '--no-recreate', '--scale', "more=${instances - 1}", 'app', 'more')
  }

  /** A busy container is not always frozen in time ("unable to freeze"); the engine then lets it run on. */
  private void pause(String container) {
    await { assert succeeds('pause', container) }
  }

  /** An engine that is busy does not always give a container its names back with its network, until it is asked again. */
  private void connect(String container) {
    def network = "${compose.project()}_default" as String
    compose.docker('network', 'connect', network, container)
    await {
      boolean resolves = succeeds('exec', container, 'getent', 'hosts', 'kafka-1')
      if (!resolves) {
        succeeds('network', 'disconnect', network, container)
        succeeds('network', 'connect', network, container)
      }
      assert resolves
    }
  }

  private boolean succeeds(String... arguments) {
    try {
      compose.docker(arguments)
      true
    } catch (IllegalStateException refused) {
      false
    }
  }

  /** The instances whose workers are in the group: app is the first, more-1 the second. */
  private Set<Integer> members() {
    admin.describeConsumerGroups(['payments']).all().get()['payments'].members()
        .collect { (it.clientId() =~ /^payments-eo-spec-(app|more)-(\d+)-0/)[0] }
        .collect { it[1] == 'app' ? 1 : 1 + (it[2] as int) }.toSet()
  }

  private Map<TopicPartition, Long> committed() {
    admin.listConsumerGroupOffsets('payments').partitionsToOffsetAndMetadata().get()
        .findAll { it.key.topic() == 'payments' && it.value }.collectEntries { [it.key, it.value.offset()] }
  }

  /** More is committed than was, in every partition, or all: none is forgotten by a fault. */
  private void progresses() {
    def before = committed()
    await {
      def now = committed()
      assert before.every { partition, offset -> now[partition] > offset } || lag() == 0
    }
  }

  private long lag() {
    def committed = committed()
    def ends = admin.listOffsets(committed.collectEntries { [it.key, OffsetSpec.latest()] },
        new ListOffsetsOptions(IsolationLevel.READ_COMMITTED)).all().get()
    ends.collect { it.value.offset() - committed[it.key] }.sum() as long
  }

  /** What the instances said last is part of a failure: their containers are gone when it is looked into. */
  private void await(Duration bound = BOUND, Callable<?> assertions) {
    try {
      Await.until(bound, assertions)
    } catch (AssertionError failed) {
      throw new AssertionError("$failed.message\n${saidLast()}" as String, failed)
    }
  }

  private String lastSaid(int more) {
    compose.run('logs', '--no-color', '--no-log-prefix', '--tail', '500', '--index', "$more", 'more')
  }

  private String saidLast() {
    def states = compose.run('ps', '--all', '--format', '{{.Name}} {{.Status}}')
    def logs = compose.run('logs', '--no-color', '--no-log-prefix', 'app', 'more')
    Files.writeString(output.resolve('failed.log'), logs)
    def last = (1..2).collect { lastSaid(it) }.collect { log -> log.readLines().findAll { !it.contains('.Sender ') }.takeRight(LAST_LINES)*.take(400).join('\n') }
    "$states\nmore-1 said last:\n${last[0]}\nmore-2 said last:\n${last[1]}"
  }
}
