package io.exactlyonce

import io.exactlyonce.local.ImageNames
import io.exactlyonce.manual.Manual
import org.yaml.snakeyaml.Yaml
import spock.lang.Specification

import java.nio.file.Files
import java.nio.file.Path

/** The container files name their images in one place, and none of the settings that keep the promise is lost. */
class ContainerFilesSpec extends Specification {

  static final Path DOCKER = Path.of('docker').toAbsolutePath()

  def "the Dockerfile's defaults are the images of docker/.env"() {
    given:
    def defaults = (Files.readString(DOCKER.resolve('Dockerfile')) =~ /(?m)^ARG (\w+)=(.*)$/).collect { [it[1], it[2]] }.collectEntries()

    expect:
    defaults == ImageNames.all().subMap(['BUILD_IMAGE', 'RUNTIME_IMAGE'])
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
    def dockerfile = Files.readString(DOCKER.resolve('Dockerfile'))
    def limit = megabytes(services('compose.yml').app.mem_limit)
    def heap = limit * ((dockerfile =~ /MaxRAMPercentage=(\d+)/)[0][1] as int) / 100
    def direct = (dockerfile =~ /MaxDirectMemorySize=(\d+)m/)[0][1] as int

    expect:
    heap + direct <= limit * 0.75
  }

  def "the first instance has a port that stays, further ones take free ones"() {
    expect:
    services('compose.yml').app.ports == ['127.0.0.1:${SERVER_PORT:-8080}:8080']
    services('compose.yml').more.ports == ['127.0.0.1::8080']
    services('compose.yml').more.environment == services('compose.yml').app.environment
  }

  def "every alert has a severity, and a runbook that the manual has"() {
    given:
    def alerts = new Yaml().load(Files.readString(DOCKER.resolve('observability/rules.yml'))).groups*.rules.flatten()
    def manual = Manual.read()

    expect:
    alerts.size() >= 7
    alerts.every { it.labels.severity in ['critical', 'warning'] }
    manual.table('alert')*.first() == alerts.collect { "`$it.alert`".toString() }
    alerts.every { isRunbook(manual, it.annotations.runbook) }
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
