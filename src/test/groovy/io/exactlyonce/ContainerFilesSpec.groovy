package io.exactlyonce

import io.exactlyonce.local.ImageNames
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
    megabytes.values().sum() + 2 * megabytes.app <= 8 * 1024
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
