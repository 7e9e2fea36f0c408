package io.exactlyonce.engine

import io.exactlyonce.local.ChildJvm
import io.exactlyonce.local.ChildProcess
import org.apache.kafka.common.TopicPartition
import spock.lang.Shared
import spock.lang.Tag

import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.CompletableFuture

/** SIGTERM to a process under load, whose handler writes each call down before it does anything else. */
class CleanStopSpec extends PipelineSpec {

  static final int RECORDS = 3_000

  @Shared
  Path logs = Files.createDirectories(Path.of('target', 'clean-stop').toAbsolutePath())

  Path calls

  ChildProcess worker(String run, Map<String, String> settings = [:]) {
    calls = logs.resolve("$name-calls")
    def all = [source: source, sinks: sink, 'instance-id': 'a', calls: calls, 'stop-timeout': '40s', 'drain-timeout': '25s'] + settings
    def args = [name, bootstrapServers, redisUri, '1000'] + all.collect { k, v -> "$k=$v".toString() }
    def child = ChildJvm.start(logs, "$name-$run", ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'], 'io.exactlyonce.wiring.TestWorker', args*.toString())
    opened << child
    child
  }

  List<String> called() {
    calls && Files.exists(calls) ? Files.readAllLines(calls) : []
  }

  @Tag('long')
  def "no record is handled twice because of a clean stop (ordering #ordering, concurrency #concurrency)"() {
    given: 'keys of which some have many records, so that others are handled far ahead of them'
    def sent = (0..<RECORDS).collect { i -> record("v$i", partition: i % 3, key: i % 4 == 0 ? 'crowd' : "k${i % 500}") }

    when: 'it is stopped twice in the middle of work, of which each time there is some, and started again'
    def clean = sent.collate(RECORDS.intdiv(2)).withIndex().collect { half, round ->
      produce(half)
      def before = called().size()
      def running = worker("$round", [ordering: ordering, concurrency: concurrency])
      await(BOUND) { assert called().size() > before + 500 }
      running.terminate(Duration.ofSeconds(60))
    }
    worker('last', [ordering: ordering, concurrency: '16'])
    awaitDrained()

    then:
    clean.every { it }
    called().size() == RECORDS
    called().toSet().size() == RECORDS
    visible().size() == RECORDS
    guarantees.receiptsJoin()

    where:
    ordering    | concurrency
    'partition' | '3'
    'key'       | '8'
    'none'      | '8'
  }

  @Tag('long')
  def "a handler that does not end holds up the stop for its bound and no longer, and what it was at is handled again"() {
    given:
    def running = worker('hanging', ['hang-at': 'hangs', 'stop-timeout': '6s', 'drain-timeout': '3s'])
    produce((0..<10).collect { record("v$it", partition: 0) } + [record('hangs', partition: 0), record('behind', partition: 0)])
    await(BOUND) { assert called().contains('hangs') }

    when:
    def from = System.nanoTime()
    def clean = running.terminate(Duration.ofSeconds(30))
    def took = Duration.ofNanos(System.nanoTime() - from)
    worker('second')
    awaitDrained()

    then:
    clean
    took < Duration.ofSeconds(15)
    called().countBy { it }.findAll { it.value > 1 } == [hangs: 2]
    visible().size() == 12
    guarantees.receiptsJoin()
  }

  @Tag('long')
  def "what is finished is committed while a stop still waits for a handler that hangs"() {
    given: 'nothing is committed before the stop'
    def running = worker('hanging', ['hang-at': 'hangs', 'stop-timeout': '40s', 'drain-timeout': '28s', 'commit-interval': '15s', 'commit-floor': '15s'])
    produce((0..<10).collect { record("v$it", partition: 0) } + [record('hangs', partition: 0)])
    await(BOUND) { assert called().contains('hangs') }

    when: 'three quarters of drain-timeout, 21 s, are for the handler'
    def stop = CompletableFuture.supplyAsync { running.terminate(Duration.ofSeconds(60)) }
    await(Duration.ofSeconds(10)) { assert committed(0) == 10 }

    then:
    !stop.done
    await(BOUND) { assert visible().size() == 10 }

    cleanup:
    running?.kill()
    stop?.join()
  }

  private Long committed(int partition) {
    admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata().get()[new TopicPartition(source, partition)]?.offset()
  }
}
