package io.exactlyonce.cli

import groovy.json.JsonSlurper
import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.local.LocalRedis
import io.lettuce.core.RedisClient
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.serialization.ByteArraySerializer
import picocli.CommandLine
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Tag
import spock.lang.TempDir

import java.nio.file.Files
import java.nio.file.Path
import java.time.Clock
import java.time.Duration

/** Each finding is there when it is so, and not otherwise; a Redis of the spec's own may be set wrongly. */
class DoctorCommandSpec extends BackendsSpec {

  static final String POLICY = 'CONFIG SET maxmemory-policy noeviction'

  @Shared
  @AutoCleanup
  LocalRedis redis = LocalRedis.start()

  @Shared
  @AutoCleanup('shutdown')
  RedisClient client = RedisClient.create(redis.uri())

  String group = unique('looked-at')
  String source = unique('source')
  String sink = unique('sink')
  String out
  String err

  /** Without the list of the engine's files, so that this holds while the engine is edited. */
  ClassLoader classes = new URLClassLoader([] as URL[], (ClassLoader) null)

  @TempDir
  Path edited

  def setup() {
    [source, sink, group + '.dead-letters', group + '.receipts'].each { createTopic(it, 2) }
  }

  def cleanup() {
    set('maxmemory-policy', 'noeviction')
    set('maxmemory', '0')
  }

  void set(String key, String value) {
    client.connect().withCloseable { it.sync().configSet(key, value) }
  }

  def "where all is well each check says so, with versions, and the exit status is 0"() {
    expect:
    doctor() == 0
    err == ''
    levels() == ['OK'] as Set
    summary() ==~ /OK: 0 failures, 0 warnings, 0 not looked at, \d+ fine/
    line('application = ')
    line('kafka-clients = 4.')
    line("Java = ${Runtime.version()}")
    line("files of the engine = not compared: this build has no list of the release's")
    line('feature levels of the brokers = ').contains('transaction.version 2')
    line('authorizer = none on the brokers, so everybody may do everything')
    line("clock of Kafka's controller, node 1 = 0.") || line("clock of Kafka's controller, node 0 = 0.")
    line('relay: topics, group, transactional ids = what the pipeline needs is allowed')
    line('relay: settings of the brokers = as the pipeline needs them')
    line('relay: topics = all there;')
    line("relay: transactions in the pipeline's topics = none is open")
    line("relay: Redis at 127.0.0.1:$redis.port = 7.")
    line("relay: clock of Redis at 127.0.0.1:$redis.port = 0.")
    line('maxmemory-policy = noeviction')
    line('persistence = no append-only file')
    line('claims = none complete for this group')
  }

  def "an engine of which files differ from the release is a warning that names them"() {
    given:
    def list = edited.resolve('META-INF/exactly-once/engine.sums')
    Files.createDirectories(list.parent)
    Files.writeString(list, "# 0.1.0\n${'0' * 64}  src/main/java/io/exactlyonce/engine/Gone.java\n")
    classes = new URLClassLoader([edited.toUri().toURL()] as URL[], (ClassLoader) null)

    expect:
    doctor() == 1
    lineOf('WARN', 'version 0.1.0 = 1 files differ from the release: ')
    lineOf('WARN', 'src/main/java/io/exactlyonce/engine/Gone.java = removed')
  }

  @Tag('long')
  def "what the start would be refused or warned for is found: #setting"() {
    expect:
    doctor([setting]) == status
    lineOf(level, text.replace('GROUP', group))

    where:
    setting                                   || status | level  | text
    'pipelines.relay.workers=3'               || 1      | 'WARN' | 'relay: pipelines.relay.workers = 3: '
    'pipelines.relay.transaction-timeout=20m' || 2      | 'FAIL' | "relay: pipelines.relay.transaction-timeout = 1200000ms: is above the broker's transaction.max.timeout.ms"
    'pipelines.relay.sinks=absent-one'        || 1      | 'WARN' | 'relay: topic absent-one = missing: it is created at the next start'
  }

  def "a missing topic is told of and not made, and where none may be made that is a failure"() {
    given:
    def absent = unique('absent')

    expect:
    doctor(["pipelines.relay.source=$absent"]) == 1
    doctor(["pipelines.relay.source=$absent", 'pipelines.relay.topics.partitions=0']) == 2
    lineOf('FAIL', "relay: pipelines.relay.topics.partitions = 0: no topic is created, and these are missing: [$absent]")
    !admin.listTopics().names().get().contains(absent)
  }

  @Tag('long')
  def "settings of topics are looked at as at a start, and several of them are listed at once"() {
    given:
    kafka.configure(source, 'retention.ms', '60000')
    kafka.configure(group + '.receipts', 'cleanup.policy', 'compact')
    kafka.configure(group + '.dead-letters', 'cleanup.policy', 'compact')

    expect:
    doctor() == 2
    lineOf('WARN', "relay: topic $source retention.ms = 60000: ")
    lineOf('FAIL', "relay: pipelines.relay.receipts = ${group}.receipts: is compacted")
    lineOf('FAIL', "relay: pipelines.relay.dead-letters = ${group}.dead-letters: is compacted")

    and: 'a strict start is refused for what else is a warning'
    doctor(['pipelines.relay.start-checks=strict']) == 2
    lineOf('FAIL', "relay: topic $source retention.ms = 60000: ")
  }

  @Tag('long')
  def "a transaction that is open for longer than its time-out is found, with the command that ends it"() {
    given:
    def id = unique('foreign')
    def producer = new KafkaProducer<byte[], byte[]>(
        ['bootstrap.servers': bootstrapServers, 'transactional.id': id, 'transaction.timeout.ms': 600_000], new ByteArraySerializer(), new ByteArraySerializer())
    produce([new ProducerRecord<byte[], byte[]>(source, 1, null, 'before'.bytes)])
    producer.initTransactions()
    producer.beginTransaction()
    producer.send(new ProducerRecord<byte[], byte[]>(source, 1, null, 'x'.bytes)).get()
    producer.send(new ProducerRecord<byte[], byte[]>(sink, 0, null, 'x'.bytes)).get()

    expect: 'not before'
    doctor() == 0
    line("relay: transactions in the pipeline's topics = none is open for longer than its time-out")

    when:
    doctor([], later(Duration.ofMinutes(11)))
    def found = out.readLines().findAll { it.contains(id) }

    then: 'once, in however many partitions it is'
    found.size() == 1
    found[0] ==~ /FAIL +transactions +relay: transaction $id of producer \d+, in ($source-1 from offset 1|$sink-0 from offset 0) = open for 6[56]\d\.\d s, its time-out is 600\.0 s: .*/
    found[0].endsWith("kafka-transactions.sh --bootstrap-server $bootstrapServers forceTerminateTransaction --transactionalId $id")

    when: 'what the command asks for'
    admin.forceTerminateTransaction(id).result().get()
    doctor([], later(Duration.ofMinutes(11)))

    then:
    line("relay: transactions in the pipeline's topics = none is open")

    cleanup:
    producer.close(Duration.ZERO)
  }

  @Tag('long')
  def "clocks #apart apart: #ofKafka of Kafka's and #ofRedis of Redis'"() {
    given:
    doctor([], later(apart))

    expect:
    lineOf(ofKafka, "clock of Kafka's controller, node ")
    lineOf(ofRedis, 'relay: clock of Redis at ')
    line('relay: clock of Redis at ').contains("${apart.negative ? 'ahead of' : 'behind'} this machine's")

    where:
    apart                   || ofKafka | ofRedis
    Duration.ofSeconds(20) || 'WARN'  | 'WARN'
    Duration.ofSeconds(-20) || 'WARN'  | 'WARN'
    Duration.ofSeconds(80) || 'WARN'  | 'FAIL'
    Duration.ofSeconds(-80) || 'WARN'  | 'FAIL'
  }

  def "a Redis that may evict claims is a failure with the command that mends it"() {
    given:
    set('maxmemory-policy', 'allkeys-lru')

    expect:
    doctor() == 2
    lineOf('FAIL', "relay: Redis at 127.0.0.1:$redis.port maxmemory-policy = allkeys-lru: ").contains(POLICY)

    and: 'without a guard nobody asks it'
    doctor(['pipelines.relay.guard.store=off']) == 0
    !out.contains('Redis')
  }

  def "a Redis that is nearly full is a warning"() {
    given:
    set('maxmemory', '100mb')

    expect:
    doctor() == 0
    line('memory = ').contains(' of 100 MiB')

    when:
    set('maxmemory', '1mb')

    then:
    doctor() == 1
    lineOf('WARN', "relay: Redis at 127.0.0.1:$redis.port memory = ").contains('raise maxmemory')
  }

  def "Redis refuses the user: that is a failure, and the password is not told"() {
    expect:
    doctor(["redis.uri=redis://someone:hush-hush@127.0.0.1:$redis.port"]) == 2
    lineOf('FAIL', "relay: Redis at 127.0.0.1:$redis.port = refuses: ")
    !(out + err).contains('hush-hush')
  }

  def "Redis does not answer: status 3, and Kafka is looked at all the same"() {
    expect:
    doctor(['redis.uri=redis://127.0.0.1:1']) == 3
    lineOf('UNKNOWN', 'relay: Redis at 127.0.0.1:1 = does not answer: ')
    line('relay: topics = all there;')

    and: 'a failure is one all the same'
    doctor(['redis.uri=redis://127.0.0.1:1', 'pipelines.relay.transaction-timeout=20m']) == 2
  }

  @Tag('long')
  def "Kafka does not answer: status 3 within a bound, and Redis is looked at all the same"() {
    given:
    def began = System.nanoTime()

    expect:
    doctor(['kafka.bootstrap.servers=127.0.0.1:1']) == 3
    Duration.ofNanos(System.nanoTime() - began) < Duration.ofSeconds(30)
    out.readLines().count { it.startsWith('UNKNOWN ') } == 1
    summary().startsWith('UNKNOWN: 0 failures, 0 warnings, 1 not looked at, ')
    lineOf('UNKNOWN', 'Kafka at 127.0.0.1:1 = no answer in time: check that it runs')
    line('maxmemory-policy = noeviction')
  }

  @Tag('long')
  def "a Redis that is frozen is not waited for without end"() {
    given:
    redis.pause()
    def began = System.nanoTime()

    expect:
    doctor() == 3
    Duration.ofNanos(System.nanoTime() - began) < Duration.ofSeconds(30)
    lineOf('UNKNOWN', 'relay: Redis at ')

    cleanup:
    redis.resume()
  }

  def "JSON is one object on one line"() {
    given:
    set('maxmemory-policy', 'allkeys-lru')

    expect:
    doctor([], Clock.systemUTC(), '--json') == 2
    out.readLines().size() == 1
    def read = new JsonSlurper().parseText(out)
    read.level == 'FAIL'
    def failure = read.findings.findAll { it.level == 'FAIL' }
    failure.size() == 1
    failure[0].keySet() == ['level', 'pipeline', 'check', 'where', 'found', 'remedy'] as Set
    failure[0].pipeline == 'relay'
    failure[0].check == 'redis'
    failure[0].found == 'allkeys-lru'
  }

  @Tag('long')
  def "a wrong configuration is a failure, and a pipeline that is not there: #setting"() {
    expect:
    doctor([setting], Clock.systemUTC(), *args) == 2
    lineOf('FAIL', text)
    !(out + err).contains('hush-hush')

    where:
    setting                                 | args        || text
    'pipelines.relay.workers=none'          | []          || 'pipelines.relay.workers = none: '
    'redis.uri=redis://a:hush hush-hush@b'  | []          || 'redis.uri = ***: '
    'pipelines.relay.workers=1'             | ['nothing'] || 'pipelines = nothing: is no pipeline; there are ['
  }

  def "wrong usage is 3, as with lag: #args"() {
    expect:
    doctor([], Clock.systemUTC(), *args) == 3
    err.contains(says)

    where:
    args                 || says
    ['--no-such-option'] || '--no-such-option'
    ['--patience', '0']  || 'doctor: --patience is 1 or more'
  }

  def "nothing is changed: neither topics nor groups nor keys"() {
    given:
    def topics = admin.listTopics().names().get()

    when:
    doctor()

    then:
    admin.listTopics().names().get() == topics
    !admin.listGroups().all().get()*.groupId().contains(group)
    client.connect().withCloseable { it.sync().keys('*' + group + '*') } == []
  }

  private static Clock later(Duration by) {
    Clock.offset(Clock.systemUTC(), by)
  }

  private Set<String> levels() {
    out.readLines().dropRight(1).collect { it.split(/ +/)[0] } as Set
  }

  private String summary() {
    out.readLines()[-1]
  }

  /** The one line that holds the text; null where there is none. */
  private String line(String text) {
    out.readLines().find { it.contains(text) }
  }

  private String lineOf(String level, String text) {
    out.readLines().find { it.startsWith(level + ' ') && it.contains(text) }
  }

  private int doctor(List<Object> settings = [], Clock clock = Clock.systemUTC(), Object... args) {
    def given = ["kafka.bootstrap.servers=$bootstrapServers", "redis.uri=${redis.uri()}", "pipelines.relay.group=$group",
                 "pipelines.relay.source=$source", "pipelines.relay.sinks=$sink"] + settings
    def outWriter = new StringWriter()
    def errWriter = new StringWriter()
    def name = args.contains('nothing') ? [] : ['relay']
    def status = new CommandLine(new DoctorCommand(clock, classes)).setOut(new PrintWriter(outWriter)).setErr(new PrintWriter(errWriter))
        .execute([*given.collectMany { ['-P', it] }, *name, *args]*.toString() as String[])
    out = outWriter.toString()
    err = errWriter.toString()
    status
  }
}
