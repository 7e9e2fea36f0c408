package io.exactlyonce.template

import io.exactlyonce.local.BackendsSpec
import org.apache.kafka.clients.admin.Admin
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.header.internals.RecordHeader
import spock.lang.Requires
import spock.lang.Tag
import spock.lang.TempDir

import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.TimeUnit
import java.util.zip.ZipFile

/**
 * The engine as a dependency: its jars are installed into a repository of the spec's own, and src/it/consumer, which the manual
 * shows, is built against them and run, as a service without Micronaut would be.
 */
@Requires(value = { Names.of(Files.readString(Path.of('pom.xml'))) == Names.ORIGINAL }, reason = 'the project was renamed')
class EngineJarSpec extends BackendsSpec {

  static final String ENGINE = 'io/exactlyonce/exactly-once-engine/0.1.0/exactly-once-engine-0.1.0'
  static final String KIT = 'io/exactlyonce/exactly-once-kit/0.1.0/exactly-once-kit-0.1.0'
  static final int RECORDS = 1_000

  @TempDir
  Path temp

  @Tag('long')
  def "a service without Micronaut tests its handler with the kit, and processes 1,000 records, each once"() {
    given: 'the engine, of the classes that these specs run on'
    def repository = temp.resolve('repository')
    def engine = copy(temp.resolve('engine'), ['.mvn', 'src', 'pom.xml', 'target/classes'])
    def consumer = copy(temp.resolve('consumers'), ['src/it/consumer']).resolve('src/it/consumer')
    def settings = settings(repository)

    when:
    run(engine, 'install', '-Pengine', '-Dlint=-g', '-Dmaven.main.skip=true', '-Dspotless.check.skip=true', "-DlocalRepositoryPath=$repository".toString())

    then: 'each with its sources, its documentation and its POM, and with nothing of the application'
    [ENGINE, KIT].every { jar -> ['.jar', '-sources.jar', '-javadoc.jar', '.pom'].every { Files.size(repository.resolve(jar + it)) > 0 } }
    entries(repository.resolve(ENGINE + '.jar')).with {
      it.contains('io/exactlyonce/wiring/PipelineBuilder.class') && !it.any { name -> name.contains('com/example') || name.contains('com.example') || name ==~ /application.*|logback.*/ }
    }
    entries(repository.resolve(KIT + '.jar')).every { it.endsWith('/') || it.startsWith('META-INF/') || it ==~ /io\/exactlyonce\/(kit|local|wiring\/KitStart).*/ }

    when: 'its test, and then the service itself'
    def service = start(consumer, 'test', 'exec:java', "-Dexec.args=$bootstrapServers $redisUri".toString(), '-Dbackends=embedded', '-s', settings)
    await(Duration.ofMinutes(8)) {
      assert service.alive: log(consumer)
      assert 'orders.receipts' in kafka.admin().listTopics().names().get(): log(consumer)
    }
    def sent = (1..RECORDS).collect { order(it) } + (1..RECORDS).findAll { it % 10 == 0 }.collect { order(it) }
    produce(sent)

    then:
    await(Duration.ofMinutes(1)) {
      assert service.alive: log(consumer)
      assert shipments().size() >= RECORDS && isRead()
    }
    shipments().toSet().size() == RECORDS
    shipments().size() == RECORDS

    and: 'no Micronaut was there'
    def report = Files.readString(consumer.resolve('target/surefire-reports/TEST-shop.OrderHandlerTest.xml'))
    report.contains('tests="2"') && report.contains('exactly-once-engine') && !report.contains('/micronaut')

    cleanup:
    service?.destroy()
    service?.waitFor(30, TimeUnit.SECONDS)
  }

  /** Those of this service: other specs' records may be in a topic of that name. */
  private List<String> shipments() {
    readCommitted('shipments')*.value().collect { new String(it) }.findAll { it.startsWith('{"order":"o-') }
  }

  private static ProducerRecord<byte[], byte[]> order(int number) {
    new ProducerRecord('orders', null, "customer-${number % 7}".bytes, "{\"article\":\"pen\",\"pieces\":$number}".bytes,
        [new RecordHeader('event-id', "o-$number".bytes)])
  }

  /** Whether all that was sent is committed, the copies too. */
  private boolean isRead() {
    admin.listConsumerGroupOffsets('orders').partitionsToOffsetAndMetadata().get().values().sum { it.offset() } >= RECORDS + RECORDS / 10
  }

  /**
   * A local repository of the spec's own, so that what is installed here comes into no other. The rest is copied from the
   * machine's, which is read as a remote one: it is neither written nor linked to, since who deletes a link may delete
   * what it leads to.
   */
  private String settings(Path engine) {
    def machines = Path.of(Admin.protectionDomain.codeSource.location.toURI()) // .../org/apache/kafka/kafka-clients/4.3.1/x.jar
    6.times { machines = machines.parent }
    def both = { String kind -> [machine: machines, engine: engine].collect { id, at -> "<$kind><id>$id</id><url>${at.toUri()}</url></$kind>" }.join('') }
    def file = temp.resolve('settings.xml')
    Files.writeString(file, """<settings>
      <localRepository>${temp.resolve('local')}</localRepository>
      <profiles><profile><id>here</id>
        <repositories>${both('repository')}</repositories>
        <pluginRepositories>${both('pluginRepository')}</pluginRepositories>
      </profile></profiles>
      <activeProfiles><activeProfile>here</activeProfile></activeProfiles>
    </settings>""")
    file.toString()
  }

  private static Path copy(Path to, List<String> paths) {
    paths.each {
      def folder = Files.createDirectories(to.resolve(it).parent)
      assert new ProcessBuilder('cp', '-r', Path.of(it).toAbsolutePath().toString(), folder.toString()).inheritIO().start().waitFor() == 0
    }
    to
  }

  private static void run(Path project, String... arguments) {
    def maven = start(project, arguments)
    assert maven.waitFor(8, TimeUnit.MINUTES): 'Maven does not end'
    assert maven.exitValue() == 0: log(project)
  }

  private static Process start(Path project, String... arguments) {
    def builder = new ProcessBuilder(['mvn', '-B', '-q', *arguments]).directory(project.toFile())
        .redirectErrorStream(true).redirectOutput(project.resolve('run.log').toFile())
    builder.environment().putIfAbsent('MAVEN_OPTS', '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC') // as .mvn/jvm.config has it
    builder.start()
  }

  private static String log(Path project) {
    Files.readString(project.resolve('run.log')).readLines().takeRight(60).join('\n')
  }

  private static List<String> entries(Path jar) {
    new ZipFile(jar.toFile()).withCloseable { it.entries().collect { it.name } }
  }
}
