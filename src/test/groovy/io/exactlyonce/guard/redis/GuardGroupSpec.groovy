package io.exactlyonce.guard.redis

import io.exactlyonce.engine.PipelineSpec
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import io.exactlyonce.wiring.TestPipeline
import io.lettuce.core.RedisClient
import org.apache.kafka.clients.producer.ProducerRecord
import spock.lang.Tag

import java.util.concurrent.CountDownLatch

/** Pipelines of several names in one group: claims are the group's, and so is a rebuild's fence. */
class GuardGroupSpec extends PipelineSpec {

  static final Map QUICK = ['drain-timeout': '3s', 'transaction-timeout': '10s']

  CountDownLatch go = new CountDownLatch(1)
  Set<String> held = Collections.synchronizedSet(new TreeSet<String>())

  @Tag('long')
  def "#what: a rebuild by one fences the other, whose work in hand is claimed anew"() {
    given: 'one whose handlers hold what it claimed, on the partitions that it keeps'
    def second = unique('q')
    def theirs = isRenamed ? source : "$second-in".toString()
    if (!isRenamed) createTopic(theirs, 3)
    def sent = ['e0', 'e1', 'e2']
    run(QUICK + [concurrency: '3'], holding())
    produce(sent.withIndex().collect { v, i -> record(v, partition: i) })
    await(BOUND) { assert held.size() == 3 }
    def other = start(second, theirs)
    await(BOUND) { assert other.pipeline().status().ready && !workers(other)*.partitions().flatten().empty }

    when: 'the claims are lost, and the other one meets the same events'
    lose()
    def partition = workers(other)*.partitions().flatten()[0].toString().split('-').last() as int
    produce(sent.collect { new ProducerRecord<>(theirs, partition, it.bytes, it.bytes, record(it).headers()) })
    await(BOUND) { assert visible() == sent }
    go.countDown()
    awaitDrained()
    produce((0..2).collect { record("fresh$it", partition: it) })
    awaitDrained()

    then:
    visible() == sent + ['fresh0', 'fresh1', 'fresh2']

    cleanup:
    go.countDown()

    where:
    what                                           | isRenamed
    'two pipelines in one group'                   | false
    'a pipeline renamed, the old one still running' | true
  }

  private TestPipeline start(String other, String from) {
    def settings = QUICK + [source: from, sinks: sink, group: name, 'retry.backoff': '1ms']
    def running = TestPipeline.start(other, settings, copy(), bootstrapServers, redisUri)
    opened << running
    running
  }

  private Handler<String> holding() {
    String to = sink
    return { event ->
      held << event.value()
      go.await()
      Outcome.emit(Output.to(to, event.key(), event.value()))
    } as Handler<String>
  }

  /** This group's keys only: the server is shared. */
  private void lose() {
    def client = RedisClient.create(redisUri)
    def redis = client.connect().sync()
    redis.del(redis.keys("{eo:$name}*".toString()) as String[])
    client.shutdown()
  }
}
