package io.exactlyonce

import io.exactlyonce.manual.Manual
import org.yaml.snakeyaml.Yaml
import spock.lang.Specification
import spock.lang.Tag
import spock.lang.TempDir

import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit

/** The samples are there to be deleted: what is left compiles, and the engine's specs pass. */
class WithoutSamplesSpec extends Specification {

  static final List<String> TREE = ['.ci', '.github', '.mvn', 'docker', 'src', 'README.md', 'pom.xml']

  /** Those that start an application or read the tree; the others know no application at all. */
  static final List<String> SPECS = ['ArchitectureSpec', 'ManualSpec', 'ManualPagesSpec', 'ManualNamesSpec', 'ContainerFilesSpec', 'KubernetesSpec', 'PipelinePropertiesSpec',
                                     'RebuildGuardCommandSpec', 'PipelineMetricsSpec', 'HandlerMetersSpec', 'StopsControllerSpec']

  @TempDir
  Path copy

  @Tag('long')
  def "a copy without the samples, removed as the manual says, compiles and passes the engine's specs"() {
    given:
    TREE.each { run('cp', '-r', Path.of(it).toAbsolutePath().toString(), copy.toString()) }

    when: 'the commands of the manual, and the edit of the configuration beside them'
    def commands = Manual.read().shellLines.findAll { it.startsWith('rm -r src/main/java/com/example ') }
    commands.each { run('bash', '-c', it) }
    def yml = copy.resolve('src/main/resources/application.yml')
    def configuration = new Yaml().load(Files.readString(yml)) as Map
    configuration.remove('pipelines')
    Files.writeString(yml, new Yaml().dump(configuration))

    then:
    commands.size() == 1
    Files.walk(copy.resolve('src')).withCloseable { all -> all.noneMatch { it.toString().contains('com/example') } }

    and:
    run('mvn', '-B', '-q', 'test', '-Dbackends=embedded', "-Dtest=${SPECS.join(',')}".toString())

    and: 'the demo, which is the sample\'s, says what it misses'
    exitOf('mvn', '-B', '-q', '-Pdemo') == 2
    log().contains('pours payments into the pipeline payments')
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
