package io.exactlyonce.template

import io.exactlyonce.manual.Manual
import spock.lang.Requires
import spock.lang.Specification
import spock.lang.Tag
import spock.lang.TempDir

import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit

/** A project that was made from an earlier commit of this repository takes the present one, by the manual's commands. */
@Requires(value = { Names.of(Files.readString(Path.of('pom.xml'))) == Names.ORIGINAL }, reason = 'the project was renamed')
class UpgradingSpec extends Specification {

  /** So many merges to main before the present one: a few days' work. */
  static final int AGE = 30

  /** A merge may leave conflicts there, and nowhere else. */
  static final List<String> MAY_CONFLICT = ['pom.xml', 'src/main/resources/application.yml', 'docker/Dockerfile']

  /** Of the engine: a project has them as they were released. */
  static final List<String> ENGINE = ['src/main/java/io', 'src/main/resources/io', 'src/main/resources/META-INF', 'src/test', 'src/bench']

  static final String HANDLER = 'src/main/java/com/acme/flights/late/FlightHandler.java'

  static final Path ROOT = Path.of('').toAbsolutePath()

  @TempDir
  Path temp

  Path project
  Path later

  @Tag('long')
  def "a renamed project without samples and with a handler takes a later version, and its specs pass"() {
    given: 'a project of an earlier version'
    clone(commitOfAge(AGE))

    when: 'it is renamed as the manual of that version says, and has a handler and settings of its own'
    run(project, ['mvn', '-B', '-q'] + Manual.read().commands('mvn').find { '-Prename' in it })
    write(HANDLER, FLIGHT_HANDLER)
    def application = 'src/main/resources/application.yml'
    write(application, text(application) + '\npipelines:\n  flights:\n    source: flights\n    sinks:\n      - delays\n')
    commit('ours')

    and: 'the later version is merged'
    run(project, ['git', 'worktree', 'add', '-q', later.toString(), 'upstream/main'])
    run(project, ['mvn', '-B', '-q', '-f', later.toString(), '-Pupgrade'], [0, 1])

    then: 'with conflicts in three files at most'
    conflicts() - MAY_CONFLICT == []

    and: 'the engine and its specs are those of the later version'
    gitIn(project, 'diff', '--name-only', 'MERGE_HEAD', '--', *ENGINE).readLines().findAll { !(it =~ /com\/(example|acme)|application/) } == []

    and: 'the names, the handler and its settings are the project\'s, and no sample came back'
    Names.of(text('pom.xml')) == new Names('com.acme', 'flight-delays', 'com.acme.flights')
    text(HANDLER) == FLIGHT_HANDLER
    text(application).contains('  flights:\n    source: flights')
    !Files.exists(project.resolve('src/main/java/com/example')) && !Files.exists(project.resolve('src/main/java/com/acme/flights/payments'))
    !text('docker/Dockerfile').contains('exactly-once-pipeline')

    when: 'it is committed'
    assert conflicts() == []
    commit(null)

    then: 'the next merge begins where this one ended'
    gitIn(project, 'merge-base', 'HEAD', 'upstream/main') == gitIn(later, 'rev-parse', 'HEAD')

    when: 'the handler is compiled; all else is compiled already, in the tree whose specs these are'
    ['classes', 'test-classes'].each { copied('target/' + it) }

    then:
    run(project, ['mvn', '-B', '-q', '-Dlint=-g', '-Dmaven.compiler.useIncrementalCompilation=false', 'compile', 'surefire:test',
        '-Dbackends=embedded', '-Dspecs.forks=1', '-Dtest=ContainerFilesSpec,ManualPagesSpec,PipelinePropertiesSpec'])
    Files.exists(project.resolve('target/classes/com/acme/flights/late/FlightHandler.class'))
  }

  def "what cannot be merged is refused, and the project is left as it was: #what"() {
    given:
    smallProject()
    prepare.call(project)
    def before = gitIn(project, 'status', '--porcelain') + gitIn(project, 'rev-parse', 'HEAD')

    when:
    new Upgrading(project, later).run(from)

    then:
    def e = thrown(Refused)
    e.message.contains(said)
    gitIn(project, 'status', '--porcelain') + gitIn(project, 'rev-parse', 'HEAD') == before
    gitIn(project, 'worktree', 'list').readLines().size() == 1

    where:
    what                          | prepare                                              | from      || said
    'something not committed'     | { Path it -> it.resolve('README.md').toFile() << 'x' } | ''        || 'README.md the first'
    'no version that both know'   | { Path it -> orphan(it) }                            | ''        || '-Dfrom='
    'a commit that is none'       | { }                                                  | 'no-such' || '-Dfrom=no-such is no commit'
  }

  def "a project that was copied, and not cloned, says which version it was made from"() {
    given:
    smallProject()
    def made = gitIn(project, 'rev-parse', 'HEAD')
    orphan(project)
    new Renaming(new SourceTree(project), new Names('com.acme', 'flight-delays', 'com.acme.flights')).run(Samples.KEEP)
    commitIn(project, 'renamed')

    expect:
    new Upgrading(project, later).run(made) == []
    text('docker/Dockerfile') == 'COPY target/flight-delays.jar\nRUN later\n'
    text('src/main/java/com/acme/flights/payments/Later.java') == 'package com.acme.flights.payments;\n'
  }

  def "a line that both have changed is a conflict, which is named, and the merge is left to be committed"() {
    given:
    smallProject()
    write('docker/Dockerfile', 'COPY mine.jar\n')
    commitIn(project, 'mine')

    expect:
    new Upgrading(project, later).run('') == ['docker/Dockerfile']
    gitIn(project, 'rev-parse', 'MERGE_HEAD') == gitIn(later, 'rev-parse', 'HEAD')
  }

  /** A project of a few files, and a later version of it, whose lines beside the name have changed. */
  private void smallProject() {
    def upstream = temp.resolve('upstream')
    [('pom.xml'): Files.readString(ROOT.resolve('pom.xml')), 'README.md': '# exactly-once-pipeline\n', 'docker/Dockerfile': 'COPY target/exactly-once-pipeline.jar\n',
     'src/main/resources/application.yml': 'micronaut:\n  application:\n    name: exactly-once-pipeline\n', 'src/main/java/com/example/payments/A.java': 'package com.example.payments;\n'].each { path, text -> writeIn(upstream, path, text) }
    gitIn(upstream, 'init', '-q', '-b', 'main')
    commitIn(upstream, 'first')
    project = temp.resolve('project')
    gitIn(temp, 'clone', '-q', upstream.toString(), project.toString())
    writeIn(upstream, 'docker/Dockerfile', 'COPY target/exactly-once-pipeline.jar\nRUN later\n')
    writeIn(upstream, 'src/main/java/com/example/payments/Later.java', 'package com.example.payments;\n')
    commitIn(upstream, 'later')
    later = upstream
  }

  /** The same files without their history. */
  private static void orphan(Path project) {
    gitIn(project, 'checkout', '-q', '--orphan', 'copied')
    commitIn(project, 'copied')
  }


  /** @return the commit on main that had so many merges less */
  private static String commitOfAge(int age) {
    def git = new Git(ROOT).attempt('rev-list', '--first-parent', "--skip=$age".toString(), '-n', '1', 'HEAD')
    assert git.status() == 0 && git.said(): "this folder has no history of $age commits: clone the repository whole, or git fetch --unshallow"
    git.said()
  }

  private void clone(String commit) {
    project = temp.resolve('project')
    later = temp.resolve('later')
    gitIn(temp, 'clone', '-q', '-o', 'upstream', ROOT.toString(), project.toString())
    gitIn(project, 'update-ref', 'refs/remotes/upstream/main', new Git(ROOT).run('rev-parse', 'HEAD'))
    gitIn(project, 'checkout', '-q', '-B', 'mine', commit)
  }

  private void copied(String path) {
    def to = Files.createDirectories(project.resolve(path).parent)
    run(ROOT, ['cp', '-r', path, to.toString()])
  }

  private List<String> conflicts() {
    gitIn(project, 'diff', '--name-only', '--diff-filter=U').readLines()
  }

  private String text(String path) {
    Files.readString(project.resolve(path))
  }

  private void write(String path, String text) {
    writeIn(project, path, text)
  }

  private static void writeIn(Path folder, String path, String text) {
    Files.createDirectories(folder.resolve(path).parent)
    Files.writeString(folder.resolve(path), text)
  }

  private void commit(String message) {
    commitIn(project, message)
  }

  private static void commitIn(Path folder, String message) {
    gitIn(folder, 'add', '-A')
    gitIn(folder, '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-q', *(message ? ['-m', message] : ['--no-edit']))
  }

  private static String gitIn(Path folder, String... arguments) {
    new Git(folder).run(arguments)
  }

  private boolean run(Path folder, List<String> command, List<Integer> may = [0]) {
    def log = temp.resolve('run.log')
    def process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).redirectOutput(log.toFile()).start()
    assert process.waitFor(8, TimeUnit.MINUTES): command.join(' ') + ' does not end'
    assert process.exitValue() in may: command.join(' ') + ':\n' + Files.readString(log).readLines().takeRight(60).join('\n')
    true
  }

  static final String FLIGHT_HANDLER = '''\
      package com.acme.flights.late;

      import io.exactlyonce.handler.Event;
      import io.exactlyonce.handler.ForPipeline;
      import io.exactlyonce.handler.Handler;
      import io.exactlyonce.handler.Outcome;
      import io.exactlyonce.handler.Output;
      import jakarta.inject.Singleton;

      @Singleton
      @ForPipeline("flights")
      public class FlightHandler implements Handler<String> {
        @Override
        public Outcome handle(Event<String> event) {
          return Outcome.emit(Output.to("delays", event.key(), event.value()));
        }
      }
      '''.stripIndent()
}
