package io.exactlyonce.engine

import io.exactlyonce.cli.RebuildGuardCommand
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import io.exactlyonce.local.LocalRedis
import io.exactlyonce.wiring.TestPipeline
import org.apache.kafka.clients.admin.RecordsToDelete
import org.apache.kafka.common.TopicPartition
import picocli.CommandLine
import spock.lang.Tag

import java.util.concurrent.atomic.AtomicBoolean

/** Redis is empty and some records are gone: which claims are missing is said, and may be refused. */
class IncompleteRebuildSpec extends PipelineSpec {

  LocalRedis redis

  def setup() {
    redis = LocalRedis.start()
    opened << redis
  }

  @Override
  String getRedisUri() {
    redis.uri()
  }

  @Tag('long')
  def "the status says which claims could not be rebuilt, and the pipeline goes on with the others"() {
    given:
    def running = emptied([:])

    when:
    produce((0..<20).collect { record("v$it", partition: 1) })
    awaitDrained()

    then:
    running.pipeline().status().warnings().findAll { it.contains('cannot be rebuilt') } == [missing()]
    running.pipeline().status().ready

    and: 'what is missing is processed again, what is not is dropped'
    visible().countBy { it } == (0..<20).collectEntries { ["v$it".toString(), it < 8 ? 2 : 1] }
  }

  @Tag('long')
  def "what another process could not rebuild is in the status of all, also after a restart"() {
    given:
    def running = run(['guard.timeout': '500ms'])
    produce((0..<20).collect { record("v$it", partition: 0) })
    awaitDrained()
    admin.deleteRecords([(new TopicPartition(source, 0)): RecordsToDelete.beforeOffset(8)]).all().get()

    when:
    def status = new CommandLine(new RebuildGuardCommand())
        .execute(*['kafka.bootstrap.servers': bootstrapServers, 'redis.uri': redisUri, "pipelines.${name}.source": source]
            .collectMany { k, v -> ['-P', "$k=$v".toString()] }, name)
    produce([record('fresh', partition: 1)])
    awaitDrained()

    then:
    status == 1
    await(BOUND) { assert running.pipeline().status().warnings().contains(missing()) }

    when:
    running.close()
    def restarted = run(['guard.timeout': '500ms'])

    then:
    await(BOUND) { assert restarted.pipeline().status().warnings().contains(missing()) }
  }

  @Tag('long')
  def "under refuse it stands, says why and how to go on, and does when somebody decides"() {
    given:
    def running = emptied('guard.on-incomplete-rebuild': 'refuse')

    when:
    produce((0..<20).collect { record("v$it", partition: 1) })
    await(BOUND) { assert trouble(running).contains('cannot be rebuilt') }

    then:
    trouble(running).contains(missing())
    trouble(running).contains('guard.on-incomplete-rebuild is refuse')
    !running.pipeline().status().ready
    visible().size() == 20

    when: 'again where the pipeline itself holds the lock at that moment'
    def status = 2
    await(BOUND) {
      status = new CommandLine(new RebuildGuardCommand())
          .execute(*['kafka.bootstrap.servers': bootstrapServers, 'redis.uri': redisUri, "pipelines.${name}.source": source,
                     "pipelines.${name}.guard.on-incomplete-rebuild": 'warn'].collectMany { k, v -> ['-P', "$k=$v".toString()] }, name)
      assert status != 2
    }
    awaitDrained()

    then:
    status == 1
    running.pipeline().status().ready
    visible().size() == 28
  }

  @Tag('long')
  def "a record that waits in its second retry topic keeps its claim through a rebuild: it is neither lost nor doubled"() {
    given:
    String to = sink
    def mended = new AtomicBoolean()
    def running = run(['guard.timeout': '500ms', 'ordering': 'none', 'retry.attempts': '1', 'retry.topics': '100ms, 8s'], { event ->
      if (event.value() == 'bad' && !mended.get()) throw new IllegalStateException('not yet')
      Outcome.emit(Output.to(to, event.key(), event.value()))
    } as Handler<String>)
    produce([record('good', partition: 0), record('bad', partition: 0)])
    await(BOUND) { assert readCommitted("${name}.retry.8s").size() == 1 }

    when:
    mended.set(true)
    redis.kill()
    redis.restart()
    produce([record('bad', partition: 1), record('good', partition: 1)])
    await(BOUND) { assert 'bad' in visible() }
    awaitRetried('100ms', '8s')

    then:
    visible() == ['bad', 'good']
    running.pipeline().status().warnings().every { !it.contains('cannot be rebuilt') }
  }

  String missing() {
    "up to 8 claims of guard.window cannot be rebuilt: $source-0@0-7 (8: their records were deleted)"
  }

  /** A pipeline that has processed v0 to v19, of which the first eight are deleted since, as are all claims. */
  TestPipeline emptied(Map<String, String> settings) {
    def running = run(['guard.timeout': '500ms'] + settings)
    produce((0..<20).collect { record("v$it", partition: 0) })
    awaitDrained()
    admin.deleteRecords([(new TopicPartition(source, 0)): RecordsToDelete.beforeOffset(8)]).all().get()
    redis.kill()
    redis.restart()
    running
  }

  static String trouble(TestPipeline running) {
    running.pipeline().status().with { it.trouble() + it.workers()*.trouble().join(' ') }
  }
}
