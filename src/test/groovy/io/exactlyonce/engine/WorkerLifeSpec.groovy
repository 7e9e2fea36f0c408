package io.exactlyonce.engine

import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.local.LogLines
import org.apache.kafka.clients.admin.ListOffsetsOptions
import org.apache.kafka.clients.admin.OffsetSpec
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions
import org.apache.kafka.common.IsolationLevel
import spock.lang.AutoCleanup
import spock.lang.Tag

import java.util.concurrent.CountDownLatch

/** What an operator reads in the log of a worker's life. */
class WorkerLifeSpec extends PipelineSpec {

  @AutoCleanup
  LogLines log = new LogLines('io.exactlyonce.engine.worker.WorkerLog')

  /** A line of the instance that matches, awaited. */
  void says(String instance, String pattern) {
    await(BOUND) { assert log.texts().count { it ==~ /$name-$instance-0: $pattern/ } >= 1 }
  }

  void none(String instance, String pattern) {
    assert log.texts().every { !(it ==~ /$name-$instance-0: $pattern/) }
  }

  /** Records of the sink that are not committed. */
  long open() {
    def ends = { level -> admin.listOffsets(partitionsOf(sink).collectEntries { [it, OffsetSpec.latest()] }, new ListOffsetsOptions(level)).all().get()*.value*.offset().sum() }
    ends(IsolationLevel.READ_UNCOMMITTED) - ends(IsolationLevel.READ_COMMITTED)
  }

  def "it starts, is assigned partitions, gives some up after a drain, and stops clean"() {
    when:
    run('instance-id': 'a')

    then:
    says('a', /started in [\d]+m?s/)
    says('a', /assigned $source-0@0, $source-1@0, $source-2@0 in \d+m?s/)

    when:
    produce((0..<30).collect { record("v$it", partition: it % 3) })
    awaitDrained()
    def b = run('instance-id': 'b')

    then: 'the one gives up what the other reads on'
    says('a', /revoked $source-\d in \d+m?s: what they had finished before their first unfinished record is committed/)
    await(BOUND) { assert log.texts().any { it ==~ /$name-b-0: assigned $source-\d@(\d+) in \d+m?s/ && !it.contains('@0 ') } }

    when:
    b.close()

    then:
    says('b', /stopped clean in \d+m?s/)
    none('b', /revoked.*/)
    none('a', /recovered.*/)
  }

  def "a stop that leaves a handler behind is not told as clean"() {
    given:
    def begun = new CountDownLatch(1)
    def gate = new CountDownLatch(1)
    def hangs = { event -> begun.countDown(); gate.await(); Outcome.skip('seen') } as Handler<String>
    def a = run(['instance-id': 'a', 'drain-timeout': '1s', 'stop-timeout': '3s'], hangs)
    produce([record('v0')])
    begun.await()

    when:
    a.close()

    then:
    says('a', /stopped in \d+m?s: not all that its handlers had begun is committed/)
    none('a', /stopped clean.*/)

    cleanup:
    gate?.countDown()
  }

  def "it recovers from a fence, and says after what"() {
    given:
    run('instance-id': 'a')
    produce([record('v0')])
    awaitDrained()

    when:
    admin.fenceProducers(["${name}.a-0-a", "${name}.a-0-b"]*.toString()).all().get()
    produce([record('v1')])
    awaitDrained()

    then:
    says('a', /recovered in \d+m?s by \d+ attempts?, after REBUILD_PRODUCERS after \w+: .*(ProducerEpoch|ProducerFenced).*/)
    visible() == ['v0', 'v1']
  }

  def "it loses its partitions where the group has removed it, and is assigned them again"() {
    given:
    run('instance-id': 'a')
    produce([record('v0')])
    awaitDrained()

    when:
    admin.removeMembersFromConsumerGroup(name, new RemoveMembersFromConsumerGroupOptions()).all().get()

    then:
    says('a', /lost $source-0, $source-1, $source-2: this worker is no member any more, .*/)
    await(BOUND) { assert log.texts().count { it.contains(': assigned ') } >= 2 }
    says('a', /recovered in .*, after .*PartitionsLost.*/)
  }

  @Tag('long')
  def "of a storm that the stop ends the last line is written too"() {
    given:
    def a = run('instance-id': 'a')
    def lost = a.pipeline().counters().rebalances.lost

    when:
    (1..6).each { n ->
      awaitRunning(a, 1)
      admin.removeMembersFromConsumerGroup(name, new RemoveMembersFromConsumerGroupOptions()).all().get()
      await(BOUND) { assert lost.sum() == 3 * n }
    }
    a.close()

    then:
    says('a', /lost $source-0, $source-1, $source-2: .* \(the last of 1 that were held back within 60s\)/)
  }

  def "a revocation whose commit fails says that what was in flight is aborted, and why"() {
    given: 'a transaction of all partitions, which stays open, since another was committed a moment ago; its producer is fenced'
    run(['instance-id': 'a', 'transaction-timeout': '15m', 'commit-interval': '5m', 'commit-floor': '5m', 'drain-timeout': '5s'])
    produce([record('first')])
    awaitDrained()
    produce((0..<3).collect { record("v$it", partition: it) })
    await(BOUND) { assert open() == 3 }
    admin.fenceProducers(["${name}.a-0-a", "${name}.a-0-b"]*.toString()).all().get()

    when:
    run('instance-id': 'b')

    then:
    says('a', /revoked $source-\d in \d+m?s: what was in flight is aborted, or its commit undecided: .*(ProducerEpoch|ProducerFenced).*/)
  }
}
