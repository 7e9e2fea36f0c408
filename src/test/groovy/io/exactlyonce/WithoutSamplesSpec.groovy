package io.exactlyonce

import io.exactlyonce.manual.Manual
import spock.lang.IgnoreIf
import spock.lang.Specification
import spock.lang.Tag
import spock.lang.TempDir

import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit

/** The samples are there to be deleted, and the project to be renamed: what is left compiles, and the engine's specs pass. */
class WithoutSamplesSpec extends Specification {

  static final List<String> TREE = ['.ci', '.github', '.gitignore', '.mvn', 'docker', 'src', 'README.md', 'pom.xml']

  /** Those that read the tree. */
  static final List<String> OF_THE_TREE = ['ArchitectureSpec', 'ManualSpec', 'ManualPagesSpec', 'ManualNamesSpec', 'ContainerFilesSpec', 'KubernetesSpec']

  /** Those that start an application, or need its class path; the others know no application at all. */
  static final List<String> OF_THE_APPLICATION = [
      'PipelinePropertiesSpec', 'PreflightSpec', 'CodecsSpec', 'RedisKindsSpec#TLS*', 'HandlerKitSpec', 'RebuildGuardCommandSpec', 'PipelineMetricsSpec',
      'HandlerMetersSpec', 'StopsControllerSpec', 'ServeSpec#a web server in the place*+a setting can come*+a Redis that evicts*']

  @TempDir
  Path copy

  @TempDir
  Path logs

  def setup() {
    TREE.each { run('cp', '-r', Path.of(it).toAbsolutePath().toString(), copy.toString()) }
  }

  @Tag('long')
  def "a copy that is renamed and has lost its samples, both by the manual's command, is verified by the engine's specs"() {
    given:
    def command = Manual.read().commands('mvn').find { '-Prename' in it }
    run('git', 'init', '-q')
    run('git', 'add', '-A')
    run('git', '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-q', '-m', 'x')

    when:
    run(*(['mvn', '-B', '-q'] + command))

    then:
    Files.walk(copy.resolve('src')).withCloseable { all -> all.noneMatch { Files.isRegularFile(it) && it.toString().contains(Manual.PACKAGE_FOLDER) } }

    and: 'with the format of the sources, which verify checks'
    run('mvn', '-B', '-q', 'verify', '-Dbackends=embedded', "-Dtest=${(OF_THE_TREE + OF_THE_APPLICATION).join(',')}".toString())
    Files.exists(copy.resolve('target/' + (command.find { it.startsWith('-Dartifact=') } - '-Dartifact=') + '.jar'))

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
      run('rm', '-rf', "target/$it/$Manual.PACKAGE_FOLDER/$sample".toString())
    }

    when:
    ['main/java', 'test/groovy'].each { run('rm', '-r', "src/$it/$Manual.PACKAGE_FOLDER/$sample".toString()) }

    then:
    run('mvn', '-B', '-q', 'surefire:test', '-Dbackends=embedded', "-Dtest=${OF_THE_TREE.join(',')}".toString())

    where:
    sample << ['payments', 'weblogs']
  }

  private boolean run(String... command) {
    int exit = exitOf(command)
    assert exit == 0: command.join(' ') + ':\n' + log().readLines().takeRight(60).join('\n')
    true
  }

  private int exitOf(String... command) {
    def process = new ProcessBuilder(command).directory(copy.toFile())
        .redirectErrorStream(true).redirectOutput(logs.resolve('log').toFile()).start()
    assert process.waitFor(8, TimeUnit.MINUTES): command.join(' ') + ' does not end'
    process.exitValue()
  }

  private String log() {
    Files.readString(logs.resolve('log'))
  }
}
