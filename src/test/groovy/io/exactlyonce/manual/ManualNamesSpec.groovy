package io.exactlyonce.manual

import io.apicurio.registry.resolver.SchemaResolverConfig
import io.apicurio.registry.serde.SerdeConfig
import io.apicurio.registry.serde.avro.AvroKafkaSerdeConfig
import io.exactlyonce.cli.Main
import io.exactlyonce.config.PipelineSettings
import io.exactlyonce.torture.PlantedBug
import org.apache.kafka.clients.admin.AdminClientConfig
import org.apache.kafka.clients.consumer.ConsumerConfig
import org.apache.kafka.clients.producer.ProducerConfig
import org.apache.kafka.coordinator.group.GroupConfig
import org.apache.kafka.server.common.TransactionVersion
import org.apache.kafka.server.config.AbstractKafkaConfig
import picocli.CommandLine
import spock.lang.Shared
import spock.lang.Specification

import java.nio.file.Files
import java.nio.file.Path

/** Whatever the manual calls by a name is called so: keys, options, variables, metrics, classes, specs. */
class ManualNamesSpec extends Specification {

  static final Set<String> KAFKA_KEYS = ConsumerConfig.configNames() + ProducerConfig.configNames() +
      AdminClientConfig.configNames() + AbstractKafkaConfig.CONFIG_DEF.names() + GroupConfig.configNames() +
      [TransactionVersion.FEATURE_NAME]

  /** Of Micronaut's modules: their keys are listed in their own manuals. */
  static final String MICRONAUT = /(kafka|redis|micronaut)\..*/

  /** Those of the serializers that the manual shows. */
  static final Set<String> REGISTRY_KEYS = [SerdeConfig, SchemaResolverConfig, AvroKafkaSerdeConfig]
      .collectMany { it.fields.findAll { field -> field.type == String }.collect { field -> field.get(null) as String } } as Set

  static final Set<String> REDIS_KEYS = ['maxmemory-policy']

  @Shared
  Manual manual = Manual.read()

  @Shared
  Set<String> keys = PipelineSettings.ALL*.key() as Set

  @Shared
  Set<String> choices = PipelineSettings.ALL*.unit().findAll { it.startsWith('one of ') }
      .collectMany { it.substring(7).split(/ \\\| /).toList() } as Set

  @Shared
  Map<String, CommandLine> commands = Main.line('').subcommands

  @Shared
  String code = ['src/main', 'src/bench', 'docker', '.ci'].collectMany { texts(it) }.join('\n')

  def "every name with a dot or a dash is a key, a choice, a command, or a text that stands in the code"() {
    given:
    def named = manual.codeSpans.collect { it.replaceFirst(/: .*/, '') }.findAll { it ==~ /[a-z]+([.-][a-z]+)+/ }.unique()

    expect:
    named.size() > 50
    named.findAll { !isKnown(it) } == []
  }

  def "every key below pipelines that a command or a text sets is there"() {
    given:
    def set = (manual.text =~ /pipelines\.(?:\w+|\\<name>)\.([a-z.-]*[a-z])/).collect { it[1] as String }

    expect:
    set.size() > 5
    set.findAll { !(it in keys) } == []
  }

  def "every option that a text names is one of a command's"() {
    given:
    def options = commands.values()*.commandSpec*.optionsMap()*.keySet().flatten() as Set
    def named = manual.codeSpans.findAll { it ==~ /--[a-z].*/ }.collect { it.split(/[ =]/)[0] }

    expect:
    named.size() > 10
    named.findAll { !(it in options) } == []
  }

  def "every environment variable that the manual names is read somewhere"() {
    given:
    def named = ((manual.codeSpans + manual.shellLines).join('\n') =~ /\b[A-Z][A-Z\d]+(?:_[A-Z\d]+)+\b/).collect { it as String }.unique()

    expect:
    named.size() > 10
    named.findAll { !code.contains(it) && !isKeyAsVariable(it) && it != 'MICRONAUT_ENVIRONMENTS' } == [] // Micronaut's own
  }

  def "the manual's metrics are those that there are"() {
    given:
    def meters = (['PipelineMetrics', 'TimerMetrics', 'LagMetrics', 'AlertMetrics', 'ScalingMetrics', 'ClientMetrics'].collect { Files.readString(Path.of("src/main/java/io/exactlyonce/ops/metrics/${it}.java")) }.join('\n') =~ /"(pipeline\.[a-z.]*[a-z])"/)
        .collect { (it[1].replace('.', '_') - '_total') as String } as Set
    def named = manual.table('metric').collectMany { (it[0] =~ /`(\w+)`/).collect { it[1] - '_total' } } as Set

    expect:
    named == meters
  }

  def "every spec, and every class of the table of owners, is in the tree"() {
    given:
    def owners = manual.table('state').collectMany { (it[0] =~ /`(\w+)`/).collect { it[1] } }
    def specs = manual.codeSpans.findAll { it ==~ /\w+(Spec|Figures)/ }

    expect:
    owners.size() > 10
    specs.size() > 10
    (owners + specs).findAll { !manual.isSourceFile(it) } == []
  }

  def "every class that is named with its package is there"() {
    expect:
    manual.codeSpans.findAll { it ==~ /io\.exactlyonce\.[a-z.]+[A-Z]\w+/ }.findAll { !manual.isClass(it) } == []
  }

  def "an invariant that a comment names is one of the manual's, and none is named by a number"() {
    given:
    def named = (['src/main', 'src/test'].collectMany { texts(it) }.join('\n') =~ /[Ii]nvariants? ("[^"]+"|\d)/).collect { it[1].replace('"', '').replaceAll(/\s+(\* )?/, ' ') }

    expect:
    named.size() > 5
    named.unique() - manual.table('name')*.first() == []
  }

  private boolean isKnown(String name) {
    name in keys || name in choices || name in commands.keySet() || name in KAFKA_KEYS || name in REDIS_KEYS || name in REGISTRY_KEYS || name ==~ MICRONAUT ||
        (name - ~/^(consumer|producer)\./) in KAFKA_KEYS ||
        code.contains("\"$name\"") || code.contains("\${$name:") || code.contains("\"${name - 'dead-letter-'}\"") ||
        isFileOrPackage(name) || Manual.isOfRemovedSample(name) || name in PlantedBug.values()*.id()
  }

  /** A file's name, or a package's. */
  private static boolean isFileOrPackage(String name) {
    ['src/main/java', 'src/test/java', 'src/main/resources', '.'].any { Files.exists(Path.of(it, name)) } ||
        ['src/main/java', 'src/test/java'].any { Files.isDirectory(Path.of(it, name.replace('.', '/'))) }
  }

  /** `PIPELINES_ORDERS_WORKERS` sets `workers` of a pipeline `orders`. */
  private boolean isKeyAsVariable(String name) {
    def key = name =~ /^PIPELINES_[A-Z]+_(.+)$/
    key && keys.any { it.toUpperCase(Locale.ROOT).replaceAll(/[.-]/, '_') == key[0][1] }
  }

  private static List<String> texts(String folder) {
    Files.walk(Manual.ROOT.resolve(folder)).withCloseable { all ->
      all.filter { Files.isRegularFile(it) && it.toString() ==~ /.*(\.(java|groovy|yml|sh|xml|env|lua)|Dockerfile|\.env|run)$/ }
          .map { Files.readString(it) }.toList()
    }
  }
}
