package io.exactlyonce.template

import io.exactlyonce.manual.Manual
import org.yaml.snakeyaml.Yaml
import spock.lang.Requires
import spock.lang.Specification
import spock.lang.Tag
import spock.lang.TempDir

import java.nio.file.Files
import java.nio.file.Path

/** On a copy of what is renamed of this very tree, with git. That the result builds is WithoutSamplesSpec's. */
class RenamingSpec extends Specification {

  static final Names ACME = new Names('com.acme', 'flight-delays', 'com.acme.flights')

  /** The engine's own code is named here by one of its packages. */
  static final List<String> COPIED = [
      'README.md', 'pom.xml', 'docker', 'src/main/resources', 'src/site', 'src/main/java/io/exactlyonce/handler',
      "src/main/java/$Manual.PACKAGE_FOLDER".toString(), "src/test/groovy/$Manual.PACKAGE_FOLDER".toString()]

  @TempDir
  Path copy

  def setup() {
    COPIED.findAll { Files.exists(Path.of(it)) }.each {
      def folder = Files.createDirectories(copy.resolve(it).parent)
      run('cp', '-r', Path.of(it).toAbsolutePath().toString(), folder.toString())
    }
    run('git', 'init', '-q')
    commit()
  }

  def "pom, configuration, container files, manual and samples have the new names, and none has an old one"() {
    given:
    def before = Names.of(text('pom.xml'))

    when:
    rename(ACME)

    then:
    Names.of(text('pom.xml')) == ACME
    text('pom.xml').contains('<finalName>flight-delays</finalName>')
    new Yaml().load(text('src/main/resources/application.yml')).micronaut.application.name == 'flight-delays'
    text('README.md').startsWith('# flight-delays\n')
    text('docker/Dockerfile').contains('/build/target/flight-delays.jar')

    and:
    texts().findAll { text(it).contains(before.artifact()) || text(it).contains(before.packageName() + '.') || text(it).contains(before.folder() + '/') } == []
    files('src').findAll { it.contains(before.folder()) } == []

    and: 'the engine keeps its packages'
    files('src/main/java/io/exactlyonce/handler').every { text(it).contains('package io.exactlyonce.handler;') }
  }

  @Requires(value = { !Manual.isRemoved('payments') }, reason = 'the sample was removed')
  def "the samples move with their specs, and say their package"() {
    when:
    rename(ACME)

    then:
    text('src/main/java/com/acme/flights/payments/PaymentHandler.java').startsWith('package com.acme.flights.payments;')
    text('src/test/groovy/com/acme/flights/payments/PaymentHandlerSpec.groovy').startsWith('package com.acme.flights.payments')
  }

  def "the same names again change nothing, and others come out as if they had been the first"() {
    given:
    def others = new Names('org.other', 'order-book', 'org.other.book')

    when:
    rename(ACME)

    then:
    commit()
    rename(ACME) == 0

    when:
    rename(others)
    commit()
    def inTwoSteps = contents()
    run('git', 'checkout', '-q', '-b', 'direct', first())
    rename(others)

    then:
    contents() == inTwoSteps
  }

  def "what a merge brings under the original names is renamed, or removed, by the same command again"() {
    given:
    rename(ACME, samples)
    write('src/main/java/com/example/payments/Later.java', 'package com.example.payments;\n')
    write('docker/later.sh', 'java -jar exactly-once-pipeline.jar\n')
    commit()

    when:
    rename(ACME, samples)

    then:
    text('docker/later.sh') == 'java -jar flight-delays.jar\n'
    files('src/main/java/com/example') == []
    files('src/main/java/com/acme/flights/payments').any { it.endsWith('Later.java') } == stays

    where:
    samples        || stays
    Samples.KEEP   || true
    Samples.REMOVE || false
  }

  def "no file of one's own is overwritten by one that came under the original names"() {
    given:
    rename(ACME)
    write('src/main/java/com/acme/flights/payments/Mine.java', 'mine')
    write('src/main/java/com/example/payments/Mine.java', 'theirs')
    commit()

    when:
    rename(ACME)

    then:
    def e = thrown(Refused)
    e.message.contains('Mine.java')
    text('src/main/java/com/acme/flights/payments/Mine.java') == 'mine'
  }

  def "without samples the own handlers and pipelines stay, and so does the rest of the configuration"() {
    given:
    def names = Names.of(text('pom.xml'))
    def own = "src/main/java/${names.folder()}/orders/OrderHandler.java"
    write(own, "package ${names.packageName()}.orders;\n")
    def configuration = 'src/main/resources/application.yml'
    def settings = text(configuration)
    write(configuration, settings.contains('\npipelines:\n')
        ? settings.replace('\npipelines:\n', '\npipelines:\n  orders:\n    source: orders\n')
        : settings + '\npipelines:\n  orders:\n    source: orders\n')
    def before = new Yaml().load(text(configuration)) as Map
    commit()

    when:
    rename(ACME, Samples.REMOVE)
    def after = new Yaml().load(text(configuration)) as Map

    then:
    files('src/main/java/com/acme/flights') == ['src/main/java/com/acme/flights/orders/OrderHandler.java', 'src/main/java/com/acme/flights/package-info.java']
    files('src/test/groovy') == []
    files('src/main/resources').findAll { it.contains('weblogs') } == []
    after.pipelines == [orders: [source: 'orders']]
    after.findAll { it.key !in ['pipelines', 'micronaut'] } == before.findAll { it.key !in ['pipelines', 'micronaut'] }
    after.micronaut.server == before.micronaut.server
  }

  def "without samples and without pipelines of one's own no key is left behind"() {
    when:
    rename(ACME, Samples.REMOVE)

    then:
    !(new Yaml().load(text('src/main/resources/application.yml')) as Map).containsKey('pipelines')
    files('src/main/java/com/acme/flights') == ['src/main/java/com/acme/flights/package-info.java']
  }

  def "a tree that git could not give back is refused and left alone: #what"() {
    given:
    change.call(copy)
    def before = contents()

    when:
    rename(ACME)

    then:
    def e = thrown(Refused)
    e.message.contains(said)
    contents() == before

    where:
    what                  | change                                                             || said
    'a changed file'      | { Path it -> it.resolve('README.md').toFile() << 'mine' }      || 'README.md'
    'a file of no commit' | { Path it -> it.resolve('src/Mine.java').toFile() << 'mine' }  || 'src/Mine.java'
    'no repository'       | { Path it -> new File(it.toFile(), '.git').deleteDir() }       || 'git init'
  }

  @Tag('long')
  def "names that cannot be used are refused: #group #artifact #packageName"() {
    when:
    rename(new Names(group, artifact, packageName))

    then:
    def e = thrown(Refused)
    e.message.contains(said)

    where:
    group      | artifact                 | packageName           || said
    'com.acme' | 'Flights'                | 'com.acme'            || '-Dartifact=Flights'
    'com.acme' | 'flights_x'              | 'com.acme'            || '-Dartifact=flights_x'
    'com.acme' | 'a' * 59                 | 'com.acme'            || 'at most 58'
    'com.acme' | 'x -Dy'                  | 'com.acme'            || '-Dartifact=x -Dy'
    'com.acme' | '../x'                   | 'com.acme'            || '-Dartifact=../x'
    'com.acme' | 'kafka'                  | 'com.acme'            || 'is a word of'
    'com acme' | 'flight-delays'          | 'com.acme'            || '-Dgroup=com acme'
    'com.acme' | 'flight-delays'          | 'com.new'             || '-Dpackage=com.new'
    'com.acme' | 'flight-delays'          | 'com.acme.My'         || 'lower case'
    'com.acme' | 'flight-delays'          | 'io.exactlyonce.mine' || 'is the engine'
  }

  private int rename(Names names, Samples samples = Samples.KEEP) {
    new Renaming(new SourceTree(copy), names).run(samples)
  }

  private String text(Object file) {
    new String(Files.readAllBytes(copy.resolve(file.toString()))) // a picture's too
  }

  private void write(String file, String content) {
    Files.createDirectories(copy.resolve(file).parent)
    Files.writeString(copy.resolve(file), content)
  }

  private List<String> files(String folder) {
    if (!Files.isDirectory(copy.resolve(folder))) return []
    Files.walk(copy.resolve(folder)).withCloseable { all ->
      all.filter { Files.isRegularFile(it) }.map { copy.relativize(it).toString() }.sorted().toList()
    }
  }

  private List<String> texts() {
    ['pom.xml', 'README.md', 'src/main/resources/application.yml'] + files('docker') + files('src/site/markdown')
  }

  private Map<String, String> contents() {
    (['pom.xml', 'README.md'] + files('docker') + files('src')).collectEntries { [it, text(it)] }
  }

  private boolean commit() {
    run('git', 'add', '-A')
    run('git', '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-q', '--allow-empty', '-m', 'x')
  }

  private String first() {
    def git = new ProcessBuilder('git', 'rev-list', '--max-parents=0', 'HEAD').directory(copy.toFile()).start()
    git.inputStream.text.strip()
  }

  private boolean run(String... command) {
    def process = new ProcessBuilder(command).directory(copy.toFile()).redirectErrorStream(true).start()
    def said = process.inputStream.text
    assert process.waitFor() == 0: command.join(' ') + ':\n' + said
    true
  }
}
