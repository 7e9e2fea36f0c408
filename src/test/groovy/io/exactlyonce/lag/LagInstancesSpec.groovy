package io.exactlyonce.lag

import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.local.ChildJvm
import io.exactlyonce.local.ChildProcess
import io.exactlyonce.wiring.LagParts
import io.exactlyonce.wiring.TestPipeline
import spock.lang.Tag

import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.CountDownLatch

/** Several instances of one group: each measures the lag for itself, and none needs another's workers. */
@Tag('long')
class LagInstancesSpec extends LagSpec {

  CountDownLatch go = new CountDownLatch(1)

  def cleanup() {
    go.countDown()
  }

  /** A process with all of the group's workers, whose handler never returns from "stuck". */
  ChildProcess otherProcess() {
    def settings = [source: source, sinks: sink, 'instance-id': 'killed', workers: '2', 'hang-at': 'stuck', 'commit-interval': '20ms',
                    'consumer.session.timeout.ms': '20000', 'consumer.heartbeat.interval.ms': '500']
    def dir = Files.createDirectories(Path.of('target', 'lag').toAbsolutePath())
    def child = ChildJvm.start(dir, "$name-killed", ['-Xmx256m', '-XX:TieredStopAtLevel=1'], 'io.exactlyonce.wiring.TestWorker',
        ([name, bootstrapServers, redisUri, '0'] + settings.collect { k, v -> "$k=$v" })*.toString())
    opened << child
    child
  }

  def "all workers killed -9: this process reports the same lag before and after, and STOPPED once they are out"() {
    given: 'two workers elsewhere that have done 30 records, and stand at the first of 20 more'
    def child = otherProcess()
    produce((0..<30).collect { record("v$it", partition: it % 3) })
    awaitDrained()
    produce([record('stuck', partition: 0)] + (1..<20).collect { record("w$it", partition: 0) })
    def checks = checks()
    GroupLag before = null
    await(BOUND) { before = check(checks); assert before.partitions()*.records() == [20, 0, 0] && of(before, 0).owner() }

    when:
    child.kill()
    def after = [check(checks), check(this.checks())]

    then: 'nobody has noticed it yet, and the lag is what it was'
    !child.alive
    after.every { it.measured && it.partitions()*.records() == [20, 0, 0] }
    after.every { of(it, 0).owner() == of(before, 0).owner() }
    after.every { of(it, 0).seconds().kind() == LagSeconds.Kind.EXACT && it.seconds() >= before.seconds() }

    when: 'their sessions end'
    GroupLag last = null
    await(BOUND) { last = check(checks); assert last.partitions()*.state().toSet() == [LagState.STOPPED] as Set }

    then: 'that is told, and nothing else has changed, nor for one that looks for the first time'
    [last, check(this.checks())].every { lag ->
      lag.measured && lag.partitions()*.records() == [20, 0, 0] && lag.partitions()*.owner().toSet() == [''] as Set &&
          lag.partitions()*.state().toSet() == [LagState.STOPPED] as Set
    }
    last.seconds() > after[0].seconds()
  }

  /** An instance of the group, with the monitor that its process has, which is not started yet. */
  LagMonitor instance(String id, Handler<String> handler) {
    TestPipeline running = run(['instance-id': id, 'lag.check-every': '1s', 'stop-timeout': '2s', 'drain-timeout': '1s', 'commit-interval': '20ms'], handler)
    def pipeline = running.pipeline()
    def monitor = LagParts.monitor([pipeline.config()], ['bootstrap.servers': bootstrapServers], { [pipeline] })
    opened << monitor
    await(BOUND) { assert pipeline.status().ready && workers(running)*.partitions().flatten() }
    monitor
  }

  def "two instances report the same lag of each partition, whichever of them has it"() {
    given: 'the handler stands at the first record of each partition'
    def standing = { event -> if (event.value() in ['v0', 'v1', 'v2']) go.await(); Outcome.skip('seen') } as Handler<String>
    def monitors = ['a', 'b'].collect { instance(it, standing) }
    produce((0..<36).collect { record("v$it", partition: it % 3) })

    when: 'one by what its worker holds, the other by the record in the log'
    monitors*.start()
    List<GroupLag> lags = []
    await(BOUND) {
      lags = monitors.collect { it.latest()[0] }
      assert lags.every { it?.measured && it.partitions()*.records() == [12, 12, 12] && it.partitions()*.state().every { it == LagState.STALLED } }
    }

    then: 'each partition has an owner, they are of both instances, and both monitors name the same'
    lags[0].partitions()*.owner() == lags[1].partitions()*.owner()
    lags[0].partitions()*.owner().toSet().size() == 2

    and: 'the same seconds, but for the time between the two checks'
    def apart = Duration.between(lags[0].at(), lags[1].at()).toMillis() / 1000
    (0..2).every { Math.abs(of(lags[1], it).seconds().value() - of(lags[0], it).seconds().value() - apart) < 5 }
    lags.every { it.partitions()*.seconds()*.kind().toSet() == [LagSeconds.Kind.EXACT] as Set }
    lags*.records() == [36, 36]
  }
}
