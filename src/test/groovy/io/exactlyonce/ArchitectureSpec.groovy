package io.exactlyonce

import com.tngtech.archunit.core.domain.JavaClass
import com.tngtech.archunit.core.domain.JavaClasses
import com.tngtech.archunit.core.domain.JavaModifier
import com.tngtech.archunit.core.importer.ClassFileImporter
import io.exactlyonce.manual.Manual
import io.exactlyonce.template.PublishedPoms
import io.exactlyonce.wiring.PipelineBuilder
import org.jspecify.annotations.NullMarked
import spock.lang.Shared
import spock.lang.Specification

import java.nio.file.Files
import java.nio.file.Path

/** Who may know whom. A rule that breaks names the class and what it must not know. */
class ArchitectureSpec extends Specification {

  static final Path SOURCES = Path.of('src/main/java')

  /** A package to those of ours that it knows. What each holds is said in its package-info.java. */
  static final Map<String, List<String>> KNOWS = [
    'handler': [],
    'config.value': [],
    'config': ['config.value'],
    'receipt': ['config.value'],
    'receipt.table': ['receipt'],
    'receipt.audit.report': [],
    'receipt.audit': ['config.value', 'receipt', 'receipt.audit.report', 'receipt.table'],
    'deadletter': ['receipt'],
    'eventid': ['handler'],
    'guard': ['deadletter'],
    'guard.claimlog': ['deadletter', 'guard', 'receipt', 'receipt.table'],
    'guard.redis': ['guard', 'receipt'],
    'engine.failure': [],
    'engine.status': ['receipt'],
    'engine.spi': ['eventid', 'guard', 'handler'],
    'engine.topic': ['engine.failure'],
    'engine.group': ['config', 'config.value', 'engine.failure', 'engine.spi', 'receipt'],
    'engine.start': ['config', 'config.value', 'engine.status', 'engine.topic', 'guard.claimlog'],
    'engine.inflight': ['engine.spi', 'engine.status', 'engine.topic', 'guard', 'receipt'],
    'engine.handling': ['config', 'config.value', 'deadletter', 'engine.inflight', 'engine.spi', 'engine.status',
        'engine.topic', 'eventid', 'guard', 'handler', 'receipt'],
    'engine.intake': ['config', 'config.value', 'deadletter', 'engine.failure', 'engine.handling', 'engine.inflight',
        'engine.spi', 'engine.status', 'engine.topic', 'eventid', 'guard'],
    'engine.transaction': ['config', 'engine.failure', 'engine.inflight', 'engine.status', 'engine.topic', 'guard',
        'receipt'],
    'engine.worker': ['config', 'config.value', 'engine.failure', 'engine.group', 'engine.handling', 'engine.inflight',
        'engine.intake', 'engine.spi', 'engine.status', 'engine.topic', 'engine.transaction', 'eventid', 'guard',
        'receipt'],
    'engine': ['config', 'config.value', 'deadletter', 'engine.failure', 'engine.group', 'engine.handling',
        'engine.inflight', 'engine.intake', 'engine.spi', 'engine.start', 'engine.status', 'engine.topic',
        'engine.worker', 'guard', 'handler', 'receipt'],
    'lag': ['engine.status', 'receipt'],
    'alert': ['config', 'engine.status', 'lag'],
    'scaling': ['config', 'engine.status', 'lag'],
    'doctor': ['config', 'config.value', 'engine', 'engine.status', 'guard', 'guard.redis'],
    'wiring.json': [],
    'wiring.client': ['engine.spi'],
    'wiring.serde': ['engine.spi'],
    'wiring.peer': ['config', 'guard.redis'],
    'wiring.watch': ['alert', 'config', 'config.value', 'engine', 'engine.status', 'lag', 'receipt', 'scaling'],
    'wiring.tracing': ['config', 'engine.spi'],
    'wiring': ['config', 'config.value', 'deadletter', 'doctor', 'engine', 'engine.spi', 'engine.status', 'eventid',
        'guard', 'guard.claimlog', 'guard.redis', 'handler', 'lag', 'receipt', 'scaling', 'wiring.client', 'wiring.json', 'wiring.peer',
        'wiring.serde', 'wiring.tracing', 'wiring.watch'],
    'explain': ['config.value', 'deadletter', 'guard', 'lag', 'receipt'],
    'admin': ['config', 'config.value', 'deadletter', 'eventid', 'explain', 'receipt', 'receipt.audit', 'receipt.audit.report'],
    'ops.access': ['config'],
    'ops.metrics': ['alert', 'config', 'engine', 'engine.status', 'lag', 'scaling', 'wiring', 'wiring.client', 'wiring.watch'],
    'ops': ['admin', 'alert', 'config', 'config.value', 'deadletter', 'engine', 'engine.status', 'eventid', 'explain', 'guard', 'lag',
        'ops.access', 'receipt', 'receipt.audit', 'receipt.audit.report', 'scaling', 'wiring', 'wiring.watch'],
    'console': ['alert', 'config', 'config.value', 'engine', 'engine.status', 'guard', 'lag', 'ops.access', 'scaling', 'wiring', 'wiring.watch'],
    'cli.common': ['config', 'receipt', 'wiring.peer'],
    'cli.load': ['cli.common', 'receipt'],
    'cli': ['cli.common', 'cli.load', 'config', 'config.value', 'deadletter', 'doctor', 'engine.spi', 'eventid',
        'explain', 'lag', 'receipt', 'receipt.audit', 'receipt.audit.report', 'wiring'],
  ]

  /** What the rest of the code may see of the engine. */
  static final List<String> DOORS = ['engine', 'engine.spi', 'engine.status']

  @Shared
  JavaClasses classes = new ClassFileImporter().importPath(Path.of('target/classes'))

  /** Below io.exactlyonce; null where it is not ours. */
  static String roomOf(String packageName) {
    packageName.startsWith('io.exactlyonce.') ? packageName - 'io.exactlyonce.' : null
  }

  static String partOf(String packageName) {
    roomOf(packageName)?.tokenize('.')?.first()
  }

  /** What stands beside the engine: the sample, until somebody replaces it. */
  static boolean isApplication(String packageName) {
    packageName != 'io.exactlyonce' && !packageName.startsWith('io.exactlyonce.')
  }

  /** The sample that a package is of; null where it is of none. */
  static String sampleOf(String packageName) {
    Manual.REMOVED_WITH.keySet().find { packageName == "$Manual.PACKAGE.$it" || packageName.startsWith("$Manual.PACKAGE.$it.") }
  }

  def "no sample knows another: each can be deleted without it"() {
    expect:
    Manual.REMOVED_WITH.keySet().collectMany { sample ->
      offences({ sampleOf(it) == sample }) { sampleOf(it) != null && sampleOf(it) != sample }
    } == []
  }

  /** {@code class -> what it knows} of the classes whose package is wanted, where it must not. */
  List<String> offences(Closure<Boolean> wanted, Closure<Boolean> forbidden) {
    classes.findAll { wanted(it.packageName) }
        .collectMany { it.directDependenciesFromSelf }
        .findAll { forbidden(it.targetClass.packageName) }
        .collect { "${it.originClass.name} -> ${it.targetClass.name}".toString() }
        .unique().sort()
  }

  def "every package stands in the table, and the sample is looked at too"() {
    expect:
    classes.collect { roomOf(it.packageName) }.findAll().toSet() == KNOWS.keySet()
    classes.findResults { sampleOf(it.packageName) }.toSet() == Manual.REMOVED_WITH.keySet().findAll { !Manual.isRemoved(it) }
  }

  def "no room has more than thirty classes: whoever comes in has to see what is there"() {
    expect:
    classes.findAll { it.name == it.packageName + '.' + it.simpleName && !it.simpleName.startsWith('$') }
        .countBy { it.packageName }.findAll { it.value > 30 } == [:]
  }

  def "#room knows no package of ours but #allowed"() {
    expect:
    offences({ roomOf(it) == room }) { roomOf(it) != null && roomOf(it) != room && !(roomOf(it) in allowed) } == []

    where:
    room << KNOWS.keySet()
    allowed = KNOWS[room]
  }

  def "packages know each other in one direction: there is no circle among them"() {
    given:
    def left = new TreeMap<String, List<String>>(KNOWS)

    when: 'those that know none of the rest are taken away, again and again'
    while (left.keySet().removeAll(left.findAll { !it.value.any { left.containsKey(it) } }.keySet())) {
      // until nothing changes
    }

    then:
    left.keySet() == [] as Set
  }

  def "of the engine nobody else sees anything but #DOORS"() {
    expect:
    offences({ partOf(it) != 'engine' }) { partOf(it) == 'engine' && !(roomOf(it) in DOORS) } == []
  }

  def "#room says what belongs there and what does not"() {
    given:
    def text = Files.readString(SOURCES.resolve("io/exactlyonce/${room.replace('.', '/')}/package-info.java"))

    expect:
    text.startsWith('/**')

    where:
    room << KNOWS.keySet()
  }

  def "every package says by a type which of its values may be null: the compiler checks no other"() {
    given:
    def packages = classes.collect { it.package }.unique { it.name }

    expect:
    packages.findAll { !it.isAnnotatedWith(NullMarked) }*.name.sort() == []
  }

  def "the sample knows the handler's contract and nothing else of ours"() {
    expect:
    classes.findAll { sampleOf(it.packageName) != null }
        .collectMany { it.directDependenciesFromSelf }
        .findAll { partOf(it.targetClass.packageName) != null && partOf(it.targetClass.packageName) != 'handler' }
        .collect { it.description } == []
  }

  def "nothing of the engine knows the application"() {
    given:
    def own = classes.findAll { isApplication(it.packageName) }*.name.toSet()

    expect:
    classes.findAll { !isApplication(it.packageName) }
        .collectMany { it.directDependenciesFromSelf }
        .findAll { it.targetClass.name in own }
        .collect { it.description } == []
  }

  def "#part does not know Micronaut"() {
    expect:
    offences({ partOf(it) == part }) { it.startsWith('io.micronaut') } == []

    where:
    part << ['handler', 'config', 'eventid', 'engine', 'guard', 'receipt', 'deadletter', 'lag', 'alert', 'scaling', 'explain', 'admin', 'doctor']
  }

  /** The JDK, ours, and the libraries; Netty comes with Lettuce. */
  static final List<String> OF_THE_ENGINE_JAR = ['java.', 'javax.', 'io.exactlyonce.', 'org.apache.kafka.', 'io.lettuce.', 'io.netty.', 'com.fasterxml.jackson.core.',
      'org.slf4j.', 'org.jspecify.']

  static boolean isOfTheEngineJar(JavaClass type) {
    type.primitive || OF_THE_ENGINE_JAR.any { (type.packageName + '.').startsWith(it) }
  }

  def "whatever PipelineBuilder reaches needs no more than the engine's jar depends on"() {
    given: 'all that its class, and what that knows of ours, knows'
    def reached = [] as LinkedHashSet
    def next = new ArrayDeque([classes.get(PipelineBuilder)])
    while (next) {
      def at = next.poll()
      if (reached.add(at)) {
        next.addAll(at.directDependenciesFromSelf*.targetClass*.baseComponentType.findAll { roomOf(it.packageName) != null })
      }
    }

    expect:
    reached.size() > 200
    reached.collectMany { it.directDependenciesFromSelf }
        .findAll { knows -> !isOfTheEngineJar(knows.targetClass.baseComponentType) }
        .collect { "${it.originClass.name} -> ${it.targetClass.name}".toString() }.unique().sort() == []

    and: 'which is'
    PublishedPoms.CORE as Set == ['kafka-clients', 'lettuce-core', 'jackson-core', 'slf4j-api', 'jspecify'] as Set
  }

  def "only the guard and the wiring know the Redis client: not #part"() {
    expect:
    offences({ partOf(it) == part }) { it.startsWith('io.lettuce') } == []

    where:
    part << ['handler', 'config', 'eventid', 'engine', 'receipt', 'deadletter', 'lag', 'alert', 'scaling', 'explain', 'admin', 'doctor', 'ops', 'console', 'cli']
  }

  def "only the package of traces knows OpenTelemetry"() {
    expect:
    offences({ roomOf(it) != 'wiring.tracing' }) { it.startsWith('io.opentelemetry') } == []
    offences({ roomOf(it) == 'wiring.tracing' }) { it.startsWith('io.opentelemetry') } != []
  }

  /** Annotations alone: no JVM loads them, so a handler's test needs no more than the JDK. */
  static final List<String> ANNOTATIONS = ['org.jspecify.annotations']

  def "the handler's contract knows neither Kafka nor anything outside the JDK but #ANNOTATIONS"() {
    expect:
    offences({ partOf(it) == 'handler' }) {
      !it.startsWith('java.') && !it.empty && partOf(it) != 'handler' && !(it in ANNOTATIONS)
    } == []
  }

  def "who judges a torture run knows Kafka's client and the JDK, and nothing of what is judged"() {
    given:
    def checker = new ClassFileImporter().importPath(Path.of('target/test-classes/io/exactlyonce/torture/checker'))

    expect:
    checker.any { it.simpleName == 'Checker' }
    checker.findAll { it.simpleName != 'CheckerSpec' && !it.name.contains('CheckerSpec$') }
        .collectMany { it.directDependenciesFromSelf }
        .collect { it.targetClass }
        .findAll { !it.primitive && !it.array }
        .collect { it.packageName }
        .findAll { !it.startsWith('java.') && !it.startsWith('org.apache.kafka.') && it != 'io.exactlyonce.torture.checker' }
        .unique() == []
  }

  def "no static field can change"() {
    expect:
    classes.findAll { partOf(it.packageName) != null }
        .collectMany { it.fields }
        .findAll { JavaModifier.STATIC in it.modifiers && !(JavaModifier.FINAL in it.modifiers) }
        .collect { it.fullName } == []
  }

  def "nothing of the engine takes more than seven parameters: those that belong together are a type"() {
    expect:
    classes.findAll { partOf(it.packageName) == 'engine' }
        .collectMany { it.codeUnits }
        .findAll { it.rawParameterTypes.size() > 7 && !(JavaModifier.SYNTHETIC in it.modifiers) }
        .collect { it.fullName } == []
  }

  static Map<String, Integer> lengths() {
    Files.walk(SOURCES).withCloseable { paths ->
      paths.filter { it.toString().endsWith('.java') && it.fileName.toString() != 'package-info.java' }.toList()
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

  /** They are compiled after the others, with the annotation processors; the bench's compiler refuses what needs them before. */
  def "no Java source of the tests outside of relay names a bean of it"() {
    given:
    def sources = Files.walk(Path.of('src/test/java')).withCloseable { all -> all.filter { "$it".endsWith('.java') && !"$it".contains('/relay/') }.toList() }

    expect:
    sources.size() > 100
    sources.findAll { Files.readString(it).contains('io.exactlyonce.' + 'relay.') } == []
  }

  /** A demo that follows mvn verify in the same folder finds the beans of relay there, and recompiles what it includes alone. */
  def "what beans of relay name of the tests is compiled by the profile #profile too"() {
    given:
    def relay = Files.list(Path.of('src/test/java/io/exactlyonce/relay')).withCloseable { all -> all.map { Files.readString(it) }.toList() }
    def named = relay.collectMany { (it =~ /import io\.exactlyonce\.(\w+)\./).collect { it[1] } }.toSet()
        .findAll { Files.isDirectory(Path.of('src/test/java/io/exactlyonce', it)) && !Files.isDirectory(Path.of('src/main/java/io/exactlyonce', it)) }
    def own = Files.readString(Path.of('pom.xml')).split('<profile>').find { it.contains("<id>$profile</id>") }

    expect:
    !named.empty
    named.every { own.contains("<testInclude>io/exactlyonce/$it/**</testInclude>") }

    where:
    profile << ['demo', 'dev']
  }

  /** Kafka's own waits for calls that a silent broker does not answer: a minute, or without end. */
  def "nobody closes a Kafka client without a bound"() {
    given:
    def clients = ['admin.Admin', 'consumer.Consumer', 'producer.Producer'].collect { "org.apache.kafka.clients.$it".toString() }
    def calls = classes.collectMany { it.codeUnitCallsFromSelf + it.codeUnitReferencesFromSelf }

    expect:
    calls.any { it.target.name == 'close' && clients.any { client -> it.targetOwner.isAssignableTo(client) } }
    calls.findAll { it.target.name == 'close' && it.target.rawParameterTypes.empty && clients.any { client -> it.targetOwner.isAssignableTo(client) } }
        .collect { it.description } == []
  }
}
