package io.exactlyonce.config

import groovy.json.JsonOutput
import spock.lang.Specification

import java.nio.file.Files
import java.nio.file.Path

/**
 * What an IDE completes and explains in application.yml comes from the same table as the manual's. After a change of a
 * setting, {@code mvn test -Dtest=SettingsMetadataSpec -Dmetadata.write=true} writes the file anew.
 */
class SettingsMetadataSpec extends Specification {

  static final Path FILE = Path.of('src/main/resources/META-INF/spring-configuration-metadata.json')
  static final List<String> PREFIXES = ['pipelines.*.', 'pipeline.defaults.']

  static String type(Setting<?> setting) {
    switch (setting.unit()) {
      case { it.startsWith('count') }: return 'java.lang.Integer'
      case { it.startsWith('one of ') }: return 'java.lang.String'
      case { it.startsWith('time:') }: return 'java.time.Duration'
      default: return 'java.lang.String'
    }
  }

  static Map<String, ?> property(String prefix, Setting<?> setting) {
    [name: prefix + setting.key(), type: type(setting), description: "${setting.meaning()} (${setting.unit().replace('\\', '')})".toString()] +
        (setting.defaultText() ? [defaultValue: setting.defaultText()] : [:])
  }

  static Map<String, ?> hint(String prefix, Setting<?> setting) {
    [name: prefix + setting.key(), values: (setting.unit() - 'one of ').split(/ \\\| /).collect { [value: it] }]
  }

  static String expected() {
    def settings = PREFIXES.collectMany { prefix -> PipelineSettings.ALL.collect { [prefix, it] } }
    JsonOutput.prettyPrint(JsonOutput.toJson([
      properties: settings.collect { prefix, setting -> property(prefix, setting) },
      hints: settings.findAll { prefix, setting -> setting.unit().startsWith('one of ') }.collect { prefix, setting -> hint(prefix, setting) },
    ])) + '\n'
  }

  def "every key of a pipeline is completed, with its meaning, unit, default and choices"() {
    given:
    if (Boolean.getBoolean('metadata.write')) {
      Files.createDirectories(FILE.parent)
      Files.writeString(FILE, expected())
    }

    expect:
    Files.readString(FILE) == expected()
  }

  def "a key can be set by the variable that the manual names: #key"() {
    expect:
    PipelineSettings.ALL.find { it.key() == key }.variable('orders') == variable

    where:
    key                    | variable
    'workers'              | 'PIPELINES_ORDERS_WORKERS'
    'guard.event-id'       | 'PIPELINES_ORDERS_GUARD_EVENT_ID'
    'in-flight-bytes-per-partition' | 'PIPELINES_ORDERS_IN_FLIGHT_BYTES_PER_PARTITION'
  }
}
