package io.exactlyonce.torture

import io.exactlyonce.local.ChildJvm
import io.exactlyonce.local.EmbeddedBackends
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.Tag
import spock.lang.TempDir

import java.nio.file.Files
import java.nio.file.Path

/**
 * Who judges can find: bugs that are planted in instances are found, each in the shortest run in which it shows, and the
 * same runs without them are clean.
 */
class PlantedBugsSpec extends Specification {

  @Shared
  @AutoCleanup
  EmbeddedBackends own

  @Shared
  Path dir = Files.createDirectories(Path.of('target', 'planted').toAbsolutePath())

  EmbeddedBackends backends() {
    own = own ?: EmbeddedBackends.start(1, ['transaction.abort.timed.out.transaction.cleanup.interval.ms': '1000', 'group.min.session.timeout.ms': '3000'])
  }

  Verdict play(Scene scene, String name, String classPath) {
    Trial.run(scene, backends(), dir, "$name-${System.nanoTime() % 100_000}", classPath)
  }

  @Tag('long')
  def "#scene is clean without a planted bug"() {
    when:
    def verdict = play(scene, "clean-${scene.name().toLowerCase().replace('_', '-')}", ChildJvm.classPath())

    then:
    verdict.findings() == []
    verdict.auditStatus() == 0
    verdict.outputs() == verdict.events()

    where:
    scene << Scene.values()
  }

  @Tag('long')
  def "#bug.id(): it is found that #bug.text()"() {
    when:
    def verdict = play(bug.scene(), bug.id(), PlantedClasses.classPath(bug, dir))

    then:
    println "PLANTED ${bug.id()} ${verdict.counts()} audit ${verdict.auditStatus()}"
    !verdict.clean

    where:
    bug << PlantedBug.values()
  }

  def "the change of #bug.id() fits one place of the product's source, and is one"() {
    expect:
    PlantedClasses.changed(bug).every { file, text -> text != Files.readString(Path.of('src', 'main').resolve(file)) }

    where:
    bug << PlantedBug.values()
  }
}
