package io.exactlyonce.local

import spock.lang.Requires
import spock.lang.Specification
import spock.lang.Tag

import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration

class OrphanSpec extends Specification {

  Path dir = LocalFiles.freshDirectory('orphans')
  Path pids = dir.resolve('pids')

  @Tag('long')
  def "neither broker nor Redis outlives a parent that was killed, #state"() {
    given:
    def parent = ChildJvm.start(dir, 'parent', ['-Xmx128m'], OrphanParent.name, [dir, state]*.toString())
    assert Await.within(Duration.ofSeconds(60)) { Files.exists(pids) || !parent.alive }
    def children = Files.readAllLines(pids)*.toLong()

    expect:
    children.size() == 2
    children.every { alive(it) }

    when: 'by kill -9, so that no shutdown hook runs'
    ProcessHandle.of(parent.pid()).get().destroyForcibly()

    then:
    Await.within(Duration.ofSeconds(10)) { children.every { !alive(it) } }

    cleanup:
    parent?.close()

    where:
    state << ['running', 'paused']
  }

  @Requires({ canTieToParent() })
  def "nor does a process outlive the shell that guards it"() {
    given:
    def child = ChildProcess.start(dir.resolve('sleep.log'), ['sleep', '600'])
    def handle = ProcessHandle.of(child.pid()).get()

    and: 'it is tied: the shell says the pid when it has forked, a moment before setpriv has done its work'
    assert Await.within(Duration.ofSeconds(10)) { handle.info().command().orElse('').endsWith('sleep') }

    when:
    handle.parent().get().destroyForcibly()

    then:
    Await.within(Duration.ofSeconds(10)) { !alive(child.pid()) }

    cleanup:
    handle?.destroyForcibly()
  }

  static boolean canTieToParent() {
    ['sh', '-c', 'setpriv --pdeathsig KILL true'].execute().waitFor() == 0
  }

  private static boolean alive(long pid) {
    ProcessHandle.of(pid).map { it.alive }.orElse(false)
  }
}
