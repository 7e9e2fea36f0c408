package io.exactlyonce

import io.exactlyonce.manual.Manual
import org.yaml.snakeyaml.Yaml
import spock.lang.IgnoreIf
import spock.lang.Specification
import spock.lang.Tag
import spock.lang.TempDir

import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit

/** The samples are there to be deleted, and the project to be renamed: what is left compiles, and the engine's specs pass. */
class WithoutSamplesSpec extends Specification {

  static final List<String> TREE = ['.ci', '.github', '.mvn', 'docker', 'src', 'README.md', 'pom.xml']

  /** Those that read the tree. */
  static final List<String> OF_THE_TREE = ['ArchitectureSpec', 'ManualSpec', 'ManualPagesSpec', 'ManualNamesSpec', 'ContainerFilesSpec', 'KubernetesSpec']

  /** Those that start an application, or need its class path; the others know no application at all. */
  static final List<String> OF_THE_APPLICATION = [
      'PipelinePropertiesSpec', 'PreflightSpec', 'CodecsSpec', 'RedisKindsSpec', 'HandlerKitSpec', 'RebuildGuardCommandSpec', 'PipelineMetricsSpec',
      'HandlerMetersSpec', 'StopsControllerSpec', 'ServeSpec#a web server in the place*+a setting can come*+a Redis that evicts*']

  @TempDir
  Path copy

  def setup() {
    TREE.each { run('cp', '-r', Path.of(it).toAbsolutePath().toString(), copy.toString()) }
  }

  @Tag('long')
  def "a copy without the samples, and renamed, both as the manual says, is verified by the engine's specs"() {
    when:
    ['payments', 'weblogs'].findAll { !Manual.isRemoved(it) }.each { remove(it) }
    rename('com.acme', 'acme-bookings')

    then:
    Files.walk(copy.resolve('src')).withCloseable { all -> all.noneMatch { Files.isRegularFile(it) && it.toString().contains('com/example') } }

    and: 'with the format of the sources, which verify checks'
    run('mvn', '-B', '-q', 'verify', '-Dbackends=embedded', "-Dtest=${(OF_THE_TREE + OF_THE_APPLICATION).join(',')}".toString())
    Files.exists(copy.resolve('target/acme-bookings.jar'))

    and: 'the demo, which is the sample\'s, says what it misses'
    exitOf('mvn', '-B', '-q', '-Pdemo') == 2
    log().contains('pours payments into the pipeline payments')
  }

  @Tag('long')
  @IgnoreIf({ Manual.isRemoved('payments') || Manual.isRemoved('weblogs') })
  def "a copy without the sample #sample alone passes the specs that read the tree"() {
    given: 'what is compiled already: no sample knows the other, and nothing knows either'
    Files.createDirectory(copy.resolve('target'))
    ['classes', 'test-classes'].each {
      run('cp', '-r', Path.of('target', it).toAbsolutePath().toString(), copy.resolve('target').toString())
      run('rm', '-rf', "target/$it/com/example/$sample".toString())
    }

    when:
    remove(sample)

    then:
    run('mvn', '-B', '-q', 'surefire:test', '-Dbackends=embedded', "-Dtest=${OF_THE_TREE.join(',')}".toString())

    where:
    sample << ['payments', 'weblogs']
  }

  /** By the command of the manual, and by the edit of the configuration that stands beside it. */
  private void remove(String sample) {
    def commands = Manual.read().shellLines.findAll { it.startsWith("rm -r src/main/java/com/example/$sample ") }
    assert commands.size() == 1
    run('bash', '-c', commands[0])
    if (sample == 'payments') {
      edit('src/main/resources/application.yml') { text ->
        def configuration = new Yaml().load(text) as Map
        configuration.remove('pipelines')
        new Yaml().dump(configuration)
      }
    }
  }

  /** What the manual says under "Rename it". */
  private void rename(String group, String name) {
    edit('pom.xml') {
      it.replaceFirst('<groupId>[^<]+</groupId>', "<groupId>$group</groupId>")
          .replaceFirst('<artifactId>[^<]+</artifactId>', "<artifactId>$name</artifactId>")
          .replaceFirst('<finalName>[^<]+</finalName>', "<finalName>$name</finalName>")
    }
    edit('src/main/resources/application.yml') { it.replaceFirst('name: [\\w-]+', "name: $name") }
    ['docker/Dockerfile', 'docker/load.sh'].each { file -> edit(file) { it.replaceAll('[\\w-]+\\.jar', "${name}.jar") } }
  }

  private void edit(String file, Closure<String> change) {
    def path = copy.resolve(file)
    def before = Files.readString(path)
    def after = change(before).toString()
    assert after != before: "$file is as it was"
    Files.writeString(path, after)
  }

  private boolean run(String... command) {
    int exit = exitOf(command)
    assert exit == 0: command.join(' ') + ':\n' + log().readLines().takeRight(60).join('\n')
    true
  }

  private int exitOf(String... command) {
    def process = new ProcessBuilder(command).directory(copy.toFile())
        .redirectErrorStream(true).redirectOutput(copy.resolve('log').toFile()).start()
    assert process.waitFor(8, TimeUnit.MINUTES): command.join(' ') + ' does not end'
    process.exitValue()
  }

  private String log() {
    Files.readString(copy.resolve('log'))
  }
}
