package io.exactlyonce.engine

import io.exactlyonce.local.ChildJvm
import io.exactlyonce.local.ChildProcess
import spock.lang.Shared
import spock.lang.Tag

import java.nio.file.Files
import java.nio.file.Path

/**
 * What each delivery costs when a worker's process is killed -9 at the same moment: outputs are written,
 * offsets of a poll may or may not be committed, and one handler still runs.
 */
class DeliverySpec extends PipelineSpec {

  @Shared
  Path logs = Files.createDirectories(Path.of('target', 'delivery').toAbsolutePath())

  ChildProcess worker(String run, Map<String, String> settings) {
    def all = [source: source, sinks: sink, 'instance-id': 'a', 'consumer.session.timeout.ms': '6000',
               // While as many are to come as were sent, nothing commits before the interval: so long is the moment.
               'commit-interval': '30s', 'transaction-timeout': '60s'] + settings
    def args = [name, bootstrapServers, redisUri, '0'] + all.collect { k, v -> "$k=$v".toString() }
    def child = ChildJvm.start(logs, "$name-$run", ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'], 'io.exactlyonce.wiring.TestWorker', args*.toString())
    opened << child
    child
  }

  @Tag('long')
  def "killed -9 between the write of outputs and the commit: #delivery means #promise"() {
    given: 'nine records that are handled, one at which the handler stands, and more behind it than were sent'
    def sent = (0..<9).collect { record("done$it", partition: 0) } + record('hangs', partition: 0) +
        (0..<12).collect { record("behind$it", partition: 0) }
    produce(sent)

    when:
    def first = worker('first', [delivery: delivery, 'hang-at': 'hangs'])
    await(BOUND) { assert kafka.readUncommitted(sink).size() == 9 }
    def visibleBefore = visible().size()
    first.kill()
    worker('second', [delivery: delivery, 'commit-interval': '100ms'])
    produce([record('sentinel', partition: 0)])
    await(BOUND) { assert visible().contains('sentinel') }
    // A sentinel tells of its own partition of the sink; all is visible when all is committed and nothing is open.
    await(BOUND) { assert lag() == 0 && isSettled(sink) }
    def counts = visible().countBy { it }

    then: 'whoever reads committed saw outputs early exactly where nothing can take them back'
    visibleBefore == (delivery == 'exactly-once' ? 0 : 9)

    and:
    (0..<9).every { counts["done$it".toString()] == done }
    counts['hangs'] == hangs
    (0..<12).every { counts["behind$it".toString()] in behind }

    where: 'at-most-once commits a few ahead of the handler, not all that it has polled'
    delivery        | promise                      || done | hangs | behind
    'exactly-once'  | 'neither loss nor duplicate' || 1    | 1     | [1]
    'at-least-once' | 'duplicates'                 || 2    | 1     | [1]
    'at-most-once'  | 'loss'                       || 1    | null  | [null, 1]
  }
}
