package io.exactlyonce.manual

import io.exactlyonce.cli.Main
import io.exactlyonce.config.PinnedSettings
import io.exactlyonce.config.PipelineConfig
import io.exactlyonce.config.PipelineSettings
import org.yaml.snakeyaml.Yaml
import spock.lang.IgnoreIf
import spock.lang.Shared
import spock.lang.Specification

import java.nio.file.Files
import java.nio.file.Path
import javax.xml.parsers.DocumentBuilderFactory
import javax.xml.xpath.XPathConstants
import javax.xml.xpath.XPathFactory

/** What the manual shows can be done: commands are understood, settings are taken, snippets compile, tables are the code's. */
class ManualSpec extends Specification {

  static final Path ROOT = Manual.ROOT

  /** Maven's own; every other property has to be read somewhere in the test sources. */
  static final Set<String> MAVEN_PROPERTIES = ['skipTests', 'test']
  static final Set<String> PHASES = ['clean', 'compile', 'test-compile', 'test', 'package', 'verify', 'install', 'deploy']

  /** Where the manual puts a later version. */
  static final String LATER = '../later'

  /** As the pom names it: mvn -Prename changes the manual too. */
  static final String JAR = "java -jar target/${pom('/project/build/finalName')[0]}.jar"

  @Shared
  Manual manual = Manual.read()

  def "the configuration table has every key with its default, unit, meaning and variable, and no other"() {
    expect:
    manual.table('key') == PipelineSettings.ALL.collect {
      [code(it.key()), defaultOf(it.defaultText()), it.unit(), it.meaning().replace('<', '\\<'), code(it.variable('orders'))]
    }
  }

  def "the table of refused client settings is the engine's"() {
    expect:
    manual.table('client') == rows('consumer', PinnedSettings.CONSUMER) + rows('producer', PinnedSettings.PRODUCER)
  }

  def "mvn #arguments can be run"() {
    expect:
    arguments.findAll { !mavenTakes(it) } == []

    where:
    arguments << manual.commands('mvn')
  }

  def "java -jar #arguments is understood"() {
    when:
    Main.line('').parseArgs(arguments as String[])

    then:
    noExceptionThrown()

    where:
    arguments << manual.commands(JAR)
  }

  def "the manual shows commands of each kind"() {
    expect:
    manual.commands('mvn').size() >= 4
    manual.commands(JAR)*.first().toSet().containsAll('serve', 'load', 'audit')
  }

  def "the configuration of pipeline #name is taken"() {
    when:
    def config = PipelineConfig.parse(name, raw, 'a')

    then:
    config.name() == name

    where:
    [name, raw] << pipelines()
  }

  def "the #language snippet that begins with '#first' stands in a source file, so it compiles"() {
    expect:
    sources(language).any { it.contains(squeezed(snippet.replaceFirst(/^package .*\n/, ''))) } || (Manual.isRemoved('payments') && snippet =~ /[Pp]ayment/)

    where:
    [language, snippet] << ['java', 'groovy'].collectMany { lang -> manual.fenced(lang).collect { [lang, it] } }
    first = snippet.strip().readLines().first()
  }

  private static String code(String text) {
    "`$text`"
  }

  private static String defaultOf(String text) {
    text == null ? 'required' : text.isEmpty() ? '–' : code(text)
  }

  private static List<List<String>> rows(String client, Map<String, String> pinned) {
    new TreeMap<>(pinned).collect { key, why -> [client, code(key), why.replace('<', '\\<')] }
  }

  private boolean mavenTakes(String argument) {
    switch (argument) {
      case ['-q', '-f', LATER]:
        return true
      case ~/-P.+/:
        return argument.substring(2) in pom('/project/profiles/profile/id')
      case ~/-Dtest=.+/:
        return argument.substring(argument.indexOf('=') + 1).split(',').every { manual.isTestClass(it) || Manual.isOfRemovedSample(it) }
      case ~/-Dexec\.mainClass=.+/:
        return manual.isClass(argument.substring(argument.indexOf('=') + 1))
      case ~/-Dexec\.args=.+/:
        return manual.isClass(argument.substring(argument.lastIndexOf(' ') + 1))
      case ~/-Dexec\.(classpathScope=test|executable=java)/:
        return true
      case ~/-D.+/:
        def property = argument.substring(2).split('=')[0]
        return property in MAVEN_PROPERTIES || Files.readString(ROOT.resolve('pom.xml')).contains("\${$property}") || testSources().any { it.contains("\"$property\"") }
      case ~/org\.codehaus\.mojo:exec-maven-plugin:.+:(java|exec)/:
        return argument.split(':')[2] == pom('/project/properties/exec.plugin.version')[0]
      default:
        return argument in PHASES
    }
  }

  /** The texts of the nodes that an XPath finds. */
  private static List<String> pom(String path) {
    def document = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(ROOT.resolve('pom.xml').toFile())
    def nodes = XPathFactory.newInstance().newXPath().evaluate(path, document, XPathConstants.NODESET)
    (0..<nodes.length).collect { nodes.item(it).textContent }
  }

  private List<List> pipelines() {
    manual.fenced('yaml').collectMany { text ->
      def pipelines = new Yaml().load(text.stripIndent())['pipelines'] as Map<String, Map>
      pipelines.collect { name, settings -> [name, flat('', settings)] }
    }
  }

  private static Map<String, String> flat(String prefix, Map settings) {
    settings.collectEntries { key, value ->
      value instanceof Map ? flat("$prefix$key.", value)
          : [("$prefix$key".toString()): value instanceof List ? value.join(',') : value.toString()]
    }
  }

  /** Of what Maven runs beside the specs: the demo and the bench. */
  private static List<String> testSources() {
    ['src/test/java', 'src/bench/java'].collectMany { files(ROOT.resolve(it), '.java') }.collect { Files.readString(it) }
  }

  private static List<String> sources(String language) {
    files(ROOT.resolve('src'), ".$language").collect { squeezed(Files.readString(it)) }
  }

  private static List<Path> files(Path under, String ending) {
    Files.walk(under).withCloseable { all -> all.filter { it.toString().endsWith(ending) }.toList() }
  }

  private static String squeezed(String text) {
    text.replaceAll(/\s+/, '')
  }
}
