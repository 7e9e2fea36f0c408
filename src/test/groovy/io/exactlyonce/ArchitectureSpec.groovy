package io.exactlyonce

import com.tngtech.archunit.core.domain.JavaClasses
import com.tngtech.archunit.core.domain.JavaModifier
import com.tngtech.archunit.core.importer.ClassFileImporter
import com.tngtech.archunit.core.importer.ImportOption
import spock.lang.PendingFeature
import spock.lang.Shared
import spock.lang.Specification

import java.nio.file.Files
import java.nio.file.Path

/** Who may know whom. A rule that breaks names the class and what it must not know. */
class ArchitectureSpec extends Specification {

  static final Path SOURCES = Path.of('src/main/java')

  @Shared
  JavaClasses classes = new ClassFileImporter()
      .withImportOption(new ImportOption.DoNotIncludeTests())
      .importPackages('io.exactlyonce', 'com.example')

  static String partOf(String packageName) {
    def names = packageName.tokenize('.')
    names.take(2) == ['io', 'exactlyonce'] ? (names[2] ?: 'root') : null
  }

  static boolean isSample(String packageName) {
    packageName == 'com.example' || packageName.startsWith('com.example.')
  }

  /** {@code class -> what it knows} of the part's classes, where the closure says it must not. */
  List<String> offences(String part, Closure<Boolean> forbidden) {
    classes.findAll { partOf(it.packageName) == part }
        .collectMany { it.directDependenciesFromSelf }
        .findAll { forbidden(it.targetClass.packageName) }
        .collect { "${it.originClass.name} -> ${it.targetClass.name}".toString() }
        .unique().sort()
  }

  def "all parts are looked at, the sample among them"() {
    expect:
    classes.collect { partOf(it.packageName) }.findAll().toSet() ==
        ['cli', 'config', 'deadletter', 'engine', 'guard', 'handler', 'ops', 'receipt', 'wiring'] as Set
    classes.any { isSample(it.packageName) }
  }

  def "#part knows no part of ours but #allowed"() {
    expect:
    offences(part) { partOf(it) != null && partOf(it) != part && !(partOf(it) in allowed) } == []

    where:
    part         | allowed
    'handler'    | []
    'config'     | []
    'receipt'    | ['config']
    'deadletter' | ['config', 'receipt']
    'guard'      | ['config', 'receipt', 'deadletter']
    'engine'     | ['handler', 'config', 'guard', 'receipt', 'deadletter']
    'ops'        | ['engine', 'wiring']
    'cli'        | ['config', 'engine', 'receipt', 'deadletter', 'wiring']
  }

  def "the sample knows the handler's contract and nothing else of ours"() {
    expect:
    classes.findAll { isSample(it.packageName) }
        .collectMany { it.directDependenciesFromSelf }
        .findAll { partOf(it.targetClass.packageName) != null && partOf(it.targetClass.packageName) != 'handler' }
        .collect { it.description } == []
  }

  def "nobody of ours knows the sample"() {
    expect:
    classes.findAll { !isSample(it.packageName) }
        .collectMany { it.directDependenciesFromSelf }
        .findAll { isSample(it.targetClass.packageName) }
        .collect { it.description } == []
  }

  def "#part does not know Micronaut"() {
    expect:
    offences(part) { it.startsWith('io.micronaut') } == []

    where:
    part << ['handler', 'config', 'engine', 'guard', 'receipt', 'deadletter']
  }

  def "only the guard and the wiring know the Redis client: not #part"() {
    expect:
    offences(part) { it.startsWith('io.lettuce') } == []

    where:
    part << ['handler', 'config', 'engine', 'receipt', 'deadletter', 'ops', 'cli']
  }

  def "the handler's contract knows neither Kafka nor anything outside the JDK"() {
    expect:
    offences('handler') { !it.startsWith('java.') && !it.empty && partOf(it) != 'handler' } == []
  }

  def "no static field can change"() {
    expect:
    classes.findAll { partOf(it.packageName) != null }
        .collectMany { it.fields }
        .findAll { JavaModifier.STATIC in it.modifiers && !(JavaModifier.FINAL in it.modifiers) }
        .collect { it.fullName } == []
  }

  static Map<String, Integer> lengths() {
    Files.walk(SOURCES).withCloseable { paths ->
      paths.filter { it.toString().endsWith('.java') }.toList()
          .collectEntries { [SOURCES.relativize(it).toString(), Files.readAllLines(it).size()] }
    }
  }

  def "half of the source files have less than 80 lines"() {
    given:
    def sorted = lengths().values().sort()

    expect:
    sorted[sorted.size().intdiv(2)] < 80
  }


  def "no source file is longer than 300 lines"() {
    given:
    def tooLong = lengths().findAll { it.value > 300 }

    expect:
    tooLong == [:]
  }
}
