package io.exactlyonce.torture

import io.exactlyonce.local.ChildJvm
import io.exactlyonce.local.EmbeddedBackends
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.Tag

import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.Callable
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors
import java.util.concurrent.Future

/**
 * Who judges can find: each planted bug is found in the shortest run in which it shows, and the same runs without them
 * are clean. They are played side by side, since most of their time is waiting.
 */
class PlantedBugsSpec extends Specification {

  static final int AT_ONCE = 2

  @Shared
  @AutoCleanup
  EmbeddedBackends own

  @Shared
  @AutoCleanup('shutdownNow')
  ExecutorService stages = Executors.newFixedThreadPool(AT_ONCE)

  @Shared
  Path dir = Files.createDirectories(Path.of('target', 'planted').toAbsolutePath())

  @Shared
  Map<Scene, Future<Verdict>> clean

  @Shared
  Map<PlantedBug, Future<Verdict>> planted

  /** Begins the runs of all rows with the first. */
  private <T> Map<T, Future<Verdict>> play(List<T> all, Closure<Verdict> run) {
    own = own ?: EmbeddedBackends.start(1, ['transaction.abort.timed.out.transaction.cleanup.interval.ms': '1000'])
    all.collectEntries { one -> [one, stages.submit({ run(one) } as Callable<Verdict>)] }
  }

  @Tag('long')
  def "#scene is clean without a planted bug"() {
    given:
    clean = clean ?: play(Scene.played()) {
      Trial.run(it, own, dir, "clean-${it.ordinal()}", ChildJvm.classPath())
    }

    when:
    def verdict = clean[scene].get()

    then:
    verdict.findings() == []
    verdict.auditStatus() == 0
    verdict.outputs() == verdict.events()

    where:
    scene << Scene.played()
  }

  @Tag('long')
  def "#bug.id() is found by #by"() {
    given:
    planted = planted ?: play(PlantedBug.played()) {
      Trial.run(it.scene(), own, dir, it.id(), PlantedClasses.classPath(it, dir))
    }

    when:
    def verdict = planted[bug].get()

    then:
    [checker: !verdict.findings().empty, audit: verdict.auditStatus() != 0].findAll { it.value }*.key == by

    where:
    bug                              | by
    PlantedBug.COMMIT_ON_LOST        | ['checker', 'audit']
    PlantedBug.CLAIM_AFTER_COMMIT    | ['checker', 'audit']
    PlantedBug.OFFSETS_WITHOUT_GROUP | ['checker', 'audit']
    PlantedBug.NO_DRAIN_ON_REVOKE    | ['checker', 'audit']
    PlantedBug.REBUILD_WITHOUT_FENCE | ['checker', 'audit']
    PlantedBug.ADOPTED_WITH_WORK     | ['checker', 'audit']
    PlantedBug.OWN_CLAIM_BY_OFFSET   | ['checker', 'audit']
    PlantedBug.RECEIPT_ENDS_EARLY    | ['audit']
    PlantedBug.RESUMED_FROM_MEMORY   | ['checker', 'audit']
    PlantedBug.TOPIC_ID_IGNORED      | ['checker']
  }

  def "the change of #bug.id() fits one place of the product's source, and is one"() {
    expect:
    PlantedClasses.changed(bug).every { file, text -> text != Files.readString(Path.of('src', 'main').resolve(file)) }

    where:
    bug << PlantedBug.values()
  }
}
