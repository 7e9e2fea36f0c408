package io.exactlyonce

import io.exactlyonce.alert.AlertKind
import io.exactlyonce.config.PipelineConfig
import io.exactlyonce.config.PipelineSettings
import io.exactlyonce.config.value.Membership
import io.exactlyonce.config.value.StartChecksChoice
import io.exactlyonce.local.ImageNames
import io.exactlyonce.manual.Manual
import org.yaml.snakeyaml.Yaml
import spock.lang.Requires
import spock.lang.Specification
import spock.lang.TempDir

import java.nio.file.Files
import java.nio.file.Path

/** The container files name their images in one place, and none of the settings that keep the promise is lost. */
class ContainerFilesSpec extends Specification {

  static final Path DOCKER = Path.of('docker').toAbsolutePath()

  @TempDir
  Path folder

  def "the image is built without Error Prone, which refuses the empty class that fetches the dependencies"() {
    given:
    def builds = Files.readAllLines(DOCKER.resolve('Dockerfile')).findAll { it.contains('mvn -B') }

    expect:
    builds.size() == 2
    builds.every { it.contains(' -Dlint=-g ') }
  }

  def "the Dockerfile's defaults are the images of docker/.env"() {
    given:
    def defaults = (Files.readString(DOCKER.resolve('Dockerfile')) =~ /(?m)^ARG (\w+)=(.*)$/).collect { [it[1], it[2]] }.collectEntries()

    expect:
    defaults == ImageNames.all().subMap(['BUILD_IMAGE', 'RUNTIME_IMAGE'])
  }

  def "the image has the jar that the build makes, and its scripts run it"() {
    given:
    def jar = (Files.readString(Path.of('pom.xml')) =~ '<finalName>(.+)</finalName>')[0][1] + '.jar'

    expect:
    ['Dockerfile', 'load.sh', 'run.sh'].collectMany { (Files.readString(DOCKER.resolve(it)) =~ /[\w.-]+\.jar\b/).collect { it as String } }.unique() == [jar]
  }

  def "every image has a pinned version"() {
    expect:
    ImageNames.all().values().every { it ==~ /[\w.\/-]+:v?\d+\.\d+\.\d+\S*/ }
  }

  def "#file names no image but by a variable of docker/.env"() {
    given:
    def images = services(file).values()*.image.findAll()

    expect:
    images.every { image -> ImageNames.all().stringPropertyNames().any { image == "\${$it}" } || image.startsWith('${APP_IMAGE:-') }

    where:
    file << composeFiles()
  }

  def "in #file only this machine reaches a port"() {
    expect:
    services(file).values()*.ports.findAll().flatten().every { it.startsWith('127.0.0.1:') }

    where:
    file << composeFiles()
  }

  def "each container has a limit, and together they fit into 8 GB with three instances"() {
    given:
    def megabytes = services('compose.yml').collectEntries { name, service -> [name, megabytes(service.mem_limit)] }

    expect:
    megabytes.values().sum() + megabytes.more <= 8 * 1024
  }

  def "heap and direct memory leave a quarter of an instance's limit for code, classes and threads"() {
    given:
    def script = Files.readString(DOCKER.resolve('run.sh'))
    def limit = megabytes(services('compose.yml').app.mem_limit)
    def heap = limit * ((script =~ /MaxRAMPercentage=(\d+)/)[0][1] as int) / 100
    def direct = (script =~ /MaxDirectMemorySize=(\d+)m/)[0][1] as int

    expect:
    heap + direct <= limit * 0.75
  }

  def "the first instance has a port that stays, further ones take free ones"() {
    expect:
    services('compose.yml').app.ports == ['127.0.0.1:${SERVER_PORT:-8080}:8080']
    services('compose.yml').more.ports == ['127.0.0.1::8080']
    services('compose.yml').more.environment == services('compose.yml').app.environment
  }

  def "no container file sets anything of one pipeline: it would be one, and the sample is there to be deleted"() {
    given:
    def texts = Files.walk(DOCKER).withCloseable { all -> all.filter { Files.isRegularFile(it) }.toList() }
        .collectEntries { [DOCKER.relativize(it).toString(), Files.readString(it)] }

    expect:
    texts.size() > 10
    texts.findAll { it.value =~ /(?m)^\s*(- )?"?PIPELINES_/ }.keySet() == [] as Set
  }

  def "what Compose and Kubernetes set for all pipelines are settings that a pipeline takes: #where"() {
    given:
    def settings = variables.findAll { it.key.startsWith('PIPELINE_DEFAULTS_') }
        .collectEntries { name, value -> [(key(name - 'PIPELINE_DEFAULTS_')): value] }
    def config = PipelineConfig.parse('orders', [source: 'orders'] + settings, 'host')

    expect:
    config.membership() == Membership.STATIC
    config.startChecks() == StartChecksChoice.STRICT

    where:
    where        | variables
    'Compose'    | services('compose.yml').app.environment
    'Kubernetes' | new Yaml().load(Files.readString(DOCKER.resolve('kubernetes/config.yml'))).data
  }

  def "every alert has a severity, and a runbook that the manual has"() {
    given:
    def alerts = new Yaml().load(Files.readString(DOCKER.resolve('observability/rules.yml'))).groups*.rules.flatten()
    def manual = Manual.read()

    expect:
    alerts.size() >= 7
    AlertKind.values().collectEntries { [it.title(), it.severity().text()] } ==
        alerts.findAll { !(it.alert in ['PipelineInstanceGone', 'PipelineAllGone']) }.collectEntries { [it.alert, it.labels.severity] }
    alerts.every { it.labels.severity in ['critical', 'warning'] }
    manual.table('alert')*.first() == alerts.collect { "`$it.alert`".toString() }
    alerts.every { isRunbook(manual, it.annotations.runbook) }
  }

  def "the manual says when each alert is told: after how long, and above which setting"() {
    given:
    def alerts = new Yaml().load(Files.readString(DOCKER.resolve('observability/rules.yml'))).groups*.rules.flatten()
    def when = Manual.read().table('alert').collectEntries { [it[0].replace('`', ''), it[1]] }
    def told = when.values().join(' ')
    def thresholds = PipelineSettings.ALL.findAll { it.key().startsWith('alerts.') && it.key() != 'alerts.remind-after' }

    expect:
    alerts.findAll { it.for }.every { when[it.alert].contains("for ${it.for == '1m' ? '1 minute' : '2 minutes'}") }
    thresholds.size() == 9
    thresholds.every { told.contains("`${it.key()}` (${it.defaultText() ?: 'as many'})") }
  }

  def "every alert has cases for promtool: one in which it fires, and one in which it does not"() {
    given:
    def alerts = new Yaml().load(Files.readString(DOCKER.resolve('observability/rules.yml'))).groups*.rules.flatten()*.alert
    def cases = new Yaml().load(Files.readString(DOCKER.resolve('observability/rules.test.yml'))).tests*.alert_rule_test.flatten()

    expect:
    cases.findAll { it.exp_alerts }*.alertname.toSet() == alerts.toSet()
    cases.findAll { !it.exp_alerts }*.alertname.toSet() == alerts.toSet()
  }

  def "an instance that DNS no longer names is missed, by what was seen of it before"() {
    given:
    def alert = new Yaml().load(Files.readString(DOCKER.resolve('observability/rules.yml'))).groups*.rules.flatten()
        .find { it.alert == 'PipelineInstanceGone' }

    expect:
    alert.expr == 'up{job="pipeline"} == 0 or max by (instance, job) (max_over_time(up{job="pipeline"}[15m])) unless on (instance) up{job="pipeline"}'
  }

  @Requires(reason = 'there is no openssl; .ci/run installs it', value = { System.getenv('PATH').split(':').any { new File(it, 'openssl').canExecute() } })
  def "keys and passwords that the TLS files are made with are readable for their owners alone"() {
    given: 'folders as volumes are, and no rights to give files away'
    def certs = Files.createDirectory(folder.resolve('certs'))
    ['kafka', 'redis', 'app'].each { Files.createDirectory(certs.resolve(it)) }
    def chown = Files.writeString(Files.createDirectory(folder.resolve('bin')).resolve('chown'), '#!/bin/sh\n')
    chown.toFile().executable = true
    def script = new ProcessBuilder('bash', DOCKER.resolve('tls/certs.sh').toString()).redirectErrorStream(true)
    script.environment().putAll(CERTS: certs.toString(), KAFKA_PASSWORD: 'secret', PATH: "$chown.parent:${System.getProperty('java.home')}/bin:${System.getenv('PATH')}".toString())

    when:
    def process = script.start()
    def said = process.inputStream.text

    then:
    assert process.waitFor() == 0: said
    ['kafka/server.key', 'kafka/server.pem', 'redis/server.key', 'app/client.properties'].every { isOwnersAlone(certs.resolve(it)) }
    ['kafka', 'redis', 'app'].every { !isOwnersAlone(certs.resolve(it).resolve('ca.pem')) }
  }

  private static boolean isOwnersAlone(Path file) {
    Files.getPosixFilePermissions(file).every { it.name().startsWith('OWNER_') }
  }

  /** The setting that is written so as a variable. */
  private static String key(String variable) {
    PipelineSettings.ALL*.key().find { it.toUpperCase(Locale.ROOT).replaceAll(/[.-]/, '_') == variable } ?: variable
  }

  /** A page of the manual, and a heading on it. */
  private static boolean isRunbook(Manual manual, String link) {
    def (path, anchor) = link.split('#')
    anchor in manual.at(path).anchors
  }

  private static int megabytes(String limit) {
    limit.endsWith('g') ? limit[0..-2].toInteger() * 1024 : limit[0..-2].toInteger()
  }

  private static Map<String, Map> services(String file) {
    new Yaml().load(Files.readString(DOCKER.resolve(file)))['services'] as Map<String, Map>
  }

  private static List<String> composeFiles() {
    DOCKER.toFile().list().findAll { it.startsWith('compose') && it.endsWith('.yml') }
  }
}
