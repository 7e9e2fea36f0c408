package io.exactlyonce.engine

import ch.qos.logback.classic.Logger
import ch.qos.logback.classic.spi.ILoggingEvent
import ch.qos.logback.core.read.ListAppender
import org.apache.kafka.clients.admin.ListOffsetsOptions
import org.apache.kafka.clients.admin.OffsetSpec
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions
import org.apache.kafka.common.IsolationLevel
import org.slf4j.LoggerFactory

import java.util.concurrent.CopyOnWriteArrayList

/** What an operator reads in the log of a worker's life. */
class WorkerLifeSpec extends PipelineSpec {

  def lines = new CopyOnWriteArrayList<String>()
  def logger = LoggerFactory.getLogger('io.exactlyonce.engine.worker.WorkerLog') as Logger
  def appender = new ListAppender<ILoggingEvent>() {
    @Override
    protected void append(ILoggingEvent event) {
      lines << event.formattedMessage
    }
  }

  def setup() {
    appender.start()
    logger.addAppender(appender)
  }

  def cleanup() {
    logger.detachAppender(appender)
  }

  /** A line of the instance that matches, awaited. */
  void says(String instance, String pattern) {
    await(BOUND) { assert lines.count { it ==~ /$name-$instance-0: $pattern/ } >= 1 }
  }

  void none(String instance, String pattern) {
    assert lines.every { !(it ==~ /$name-$instance-0: $pattern/) }
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
    await(BOUND) { assert lines.any { it ==~ /$name-b-0: assigned $source-\d@(\d+) in \d+m?s/ && !it.contains('@0 ') } }

    when:
    b.close()

    then:
    says('b', /stopped clean in \d+m?s/)
    none('b', /revoked.*/)
    none('a', /recovered.*/)
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
    await(BOUND) { assert lines.count { it.contains(': assigned ') } >= 2 }
    says('a', /recovered in .*, after .*PartitionsLost.*/)
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
