package io.exactlyonce

import io.exactlyonce.cli.Main
import io.exactlyonce.config.PinnedSettings
import io.exactlyonce.config.PipelineConfig
import io.exactlyonce.config.PipelineSettings
import org.yaml.snakeyaml.Yaml
import picocli.CommandLine
import spock.lang.Shared
import spock.lang.Specification

import javax.xml.parsers.DocumentBuilderFactory
import javax.xml.xpath.XPathConstants
import javax.xml.xpath.XPathFactory
import java.nio.file.Files
import java.nio.file.Path

/** The manual is held to the code: a stale line fails the build. */
class ReadmeSpec extends Specification {

  static final Path ROOT = Path.of('').toAbsolutePath()
  static final Path README = ROOT.resolve('README.md')

  /** Maven's own; every other property has to be read somewhere in the test sources. */
  static final Set<String> MAVEN_PROPERTIES = ['skipTests', 'test']
  static final Set<String> PHASES = ['clean', 'compile', 'test', 'package', 'verify']

  @Shared
  String readme = Files.readString(README)

  def "the configuration table has every key with its default, unit and meaning, and no other"() {
    expect:
    table('Configuration', 'key') == PipelineSettings.ALL.collect {
      [code(it.key()), defaultOf(it.defaultText()), it.unit(), it.meaning().replace('<', '\\<')]
    }
  }

  def "the table of refused client settings is the engine's"() {
    expect:
    table('Configuration', 'client') == rows('consumer', PinnedSettings.CONSUMER) + rows('producer', PinnedSettings.PRODUCER)
  }

  def "every path that the manual names is there"() {
    given:
    def named = (readme =~ /`((?:src|docker|\.ci|pom\.xml)[\w.\/-]*)`/).collect { it[1] }

    expect:
    named.size() > 10
    named.findAll { !Files.exists(ROOT.resolve(it)) } == []
  }

  def "mvn #arguments can be run"() {
    expect:
    arguments.findAll { !mavenTakes(it) } == []

    where:
    arguments << commands('mvn')
  }

  def "java -jar #arguments is understood"() {
    when:
    new CommandLine(Main).parseArgs(arguments as String[])

    then:
    noExceptionThrown()

    where:
    arguments << commands('java -jar target/exactly-once-pipeline.jar')
  }

  def "the manual shows commands of each kind"() {
    expect:
    commands('mvn').size() >= 4
    commands('java -jar target/exactly-once-pipeline.jar')*.first().toSet().containsAll('serve', 'load', 'audit')
  }

  def "the jar has the name that the manual says"() {
    expect:
    pom('/project/build/finalName') == ['exactly-once-pipeline']
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
    sources(language).any { it.contains(squeezed(snippet)) }

    where:
    [language, snippet] << ['java', 'groovy'].collectMany { lang -> fenced(lang).collect { [lang, it] } }
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

  /** The cells of that section's table whose header row begins with {@code first}. */
  private List<List<String>> table(String section, String first) {
    def text = readme.split("(?m)^## ").find { it.startsWith("$section\n") }
    def lines = text.readLines().dropWhile { !it.startsWith("| $first |") }
    lines.drop(2).takeWhile { it.startsWith('|') }.collect { line ->
      line.split(/(?<!\\)\|/).drop(1)*.strip().toList()
    }
  }

  /** Bodies of the fenced blocks of a language, however far they are indented. */
  private List<String> fenced(String language) {
    (readme =~ /(?ms)^ *```$language\n(.*?)^ *```$/).collect { it[1] }
  }

  /** Arguments of each line of a shell block that runs this program. */
  private List<List<String>> commands(String program) {
    fenced('sh').collectMany { it.replace('\\\n', ' ').readLines() }
        .findAll { it.contains(program) }
        .collect { line -> line.substring(line.indexOf(program) + program.length()).strip().split(/\s+/).toList() }
  }

  private boolean mavenTakes(String argument) {
    switch (argument) {
      case ~/-P.+/:
        return argument.substring(2) in pom('/project/profiles/profile/id')
      case ~/-D.+/:
        def property = argument.substring(2).split('=')[0]
        return property in MAVEN_PROPERTIES || testSources().any { it.contains("\"$property\"") }
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
    fenced('yaml').collectMany { text ->
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
