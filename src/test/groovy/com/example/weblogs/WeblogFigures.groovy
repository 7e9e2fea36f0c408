package com.example.weblogs

import groovy.transform.CompileStatic
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.wiring.TestPipeline
import io.micronaut.serde.ObjectMapper
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.header.internals.RecordHeader
import org.apache.kafka.common.serialization.ByteArraySerializer

import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption
import java.time.Duration
import java.util.concurrent.TimeUnit
import java.util.concurrent.locks.LockSupport

/**
 * Log lines that come at a rate that does not wait, and a handler that takes 12 ms for each: {@code
 * mvn test -Dtest=WeblogFigures}; the figures go to target/weblog-figures.txt.
 *
 * One topic of 12 partitions, lines of 10,000 hosts, each with an event id that the guard claims.
 * Lag is what was produced and is not committed. A rate is sustained if at the end of its seconds
 * the lag is less than what comes in one second, and the producer kept its schedule.
 */
class WeblogFigures extends BackendsSpec {

  static final int PARTITIONS = 12
  static final long EACH = TimeUnit.MILLISECONDS.toNanos(12)
  static final Path FIGURES = Path.of('target', 'weblog-figures.txt')

  /** The sample's, with its output as the JSON that the application writes, and 12 ms of waiting. */
  @CompileStatic
  static Handler<String> slow(String sink) {
    def json = ObjectMapper.getDefault()
    return { event ->
      def end = System.nanoTime() + EACH
      for (long left = EACH; left > 0; left = end - System.nanoTime()) {
        LockSupport.parkNanos(left)
      }
      def access = CommonLogLine.parse((String) event.value())
      return Outcome.emit(Output.to(sink, access.host(), json.writeValueAsString(access)))
    } as Handler<String>
  }

  /** Sends so many lines a second by the clock, whatever the answer; how many went out in the end. */
  @CompileStatic
  long produce(String topic, int perSecond, int seconds, Closure<?> eachSecond) {
    def settings = ['bootstrap.servers': (Object) getBootstrapServers(), 'linger.ms': 5, 'batch.size': 65_536]
    def producer = new KafkaProducer<byte[], byte[]>(settings, new ByteArraySerializer(), new ByteArraySerializer())
    long began = System.nanoTime()
    long sent = 0
    try {
      for (int second = 1; second <= seconds; second++) {
        long end = began + second * 1_000_000_000L
        for (long now = System.nanoTime(); now < end; now = System.nanoTime()) {
          long due = (now - began).intdiv(1_000_000L).longValue() * perSecond.longValue() / 1000 as long
          for (; sent < due; sent++) {
            def host = "10.0.${sent % 10_000 / 100 as int}.${sent % 100}".toString()
            def line = "$host - - [21/Nov/2026:10:00:00 +0000] \"GET /page/${sent} HTTP/1.1\" 200 ${sent % 5000}".toString()
            producer.send(new ProducerRecord<byte[], byte[]>(topic, null, null, host.bytes, line.bytes,
                [new RecordHeader('event-id', "l-$sent".toString().bytes)] as List))
          }
          LockSupport.parkNanos(1_000_000)
        }
        eachSecond.call(second, sent)
      }
    } finally {
      producer.close()
    }
    sent
  }

  static void note(String line) {
    Files.writeString(FIGURES, line + '\n', StandardOpenOption.CREATE, StandardOpenOption.APPEND)
  }

  /** The lag of each second, and the lines that were produced. */
  List measure(Map<String, String> settings, int perSecond, int seconds) {
    def name = unique('weblogs')
    def source = "$name-in".toString()
    def sink = "$name-out".toString()
    [source, sink].each { createTopic(it, PARTITIONS) }
    def all = [source: source, sinks: sink, 'guard.on-missing-id': 'unguarded', 'topics.partitions': "$PARTITIONS".toString()] + settings
    TestPipeline.start(name, all, slow(sink), bootstrapServers, redisUri).withCloseable { running ->
      def assigned = { running.pipeline().status().workers()*.partitions().flatten().size() == PARTITIONS }
      await(Duration.ofMinutes(2)) { assert running.pipeline().status().ready && assigned() }
      def counters = running.pipeline().counters()
      def lags = []
      def sent = produce(source, perSecond, seconds) { second, sent -> lags << sent - counters.processed.sum() }
      [lags, sent]
    }
  }

  def "the lag at 5,000 lines/s without and with parallel handling"() {
    given:
    note("JVM ${Runtime.version().feature()}, ${Runtime.runtime.availableProcessors()} processors")

    when:
    def (serial, sentSerial) = measure([workers: '12', concurrency: '1', ordering: 'partition'], 5_000, 20)
    def (parallel, sentParallel) = measure([ordering: 'key', concurrency: '128'], 5_000, 20)
    note("second: ${(1..20).toList()}")
    note("12 serial consumers: $serial, produced $sentSerial")
    note("ordering key, concurrency 128: $parallel, produced $sentParallel")

    then:
    parallel.last() < 5_000
  }

  def "the highest rate that one instance sustains"() {
    when:
    def sustained = [8_000, 10_000, 12_000, 14_000, 16_000].takeWhile { rate ->
      def (lags, sent) = measure([ordering: 'key', concurrency: '256'], rate, 12)
      note("$rate lines/s, ordering key, concurrency 256: lag $lags, produced $sent")
      lags.last() < rate && sent > rate * 12 * 0.98
    }
    note("sustained: ${sustained ? sustained.last() : 'none'}")

    then:
    sustained.contains(8_000)
  }
}
