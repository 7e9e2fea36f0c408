package io.exactlyonce.engine

import io.exactlyonce.cli.RebuildGuardCommand
import io.exactlyonce.wiring.TestPipeline
import io.lettuce.core.RedisClient
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.header.internals.RecordHeader
import picocli.CommandLine

import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption

/**
 * How fast a million events are audited, and their claims rebuilt in an empty Redis, on a machine
 * that does nothing else: {@code mvn test -Dtest=AuditAndRebuildFigures}; the figures go to
 * target/audit-and-rebuild-figures.txt.
 *
 * A real pipeline with its guard has written outputs and receipts; one event in 50 was sent twice.
 * A record of the audit is one that it reads and judges: of the source, of the sink, or a receipt.
 * The rebuild is the whole command, with the application's start, the fence and the topics' reading.
 */
class AuditAndRebuildFigures extends PipelineSpec {

  static final int EVENTS = 1_000_000
  static final int AT_ONCE = 100_000
  static final int SENT_TWICE = 50 // of so many events, one
  static final int ROUNDS = 3
  static final Path FIGURES = Path.of('target', 'audit-and-rebuild-figures.txt')

  def "a million events are audited, and their claims rebuilt"() {
    given:
    def pipeline = TestPipeline.start('relay', [source: source, sinks: sink, group: name], copy(), bootstrapServers, redisUri)
    for (int from = 0; from < EVENTS; from += AT_ONCE) {
      produce((from..<from + AT_ONCE).collectMany { it % SENT_TWICE == 0 ? [event(it, 0), event(it, 1)] : [event(it, 0)] })
      awaitDrained() // a lag that any machine drains within the bound
    }
    pipeline.close()

    when:
    def audits = (1..ROUNDS).collect { guarantees.audit() }
    def rates = audits.collect { (it.counts().source() + it.counts().outputs() + it.counts().receipts()) / it.took().toMillis() * 1000d as double }
    tell('audit', audits.collect { "${it.counts()} in ${it.took().toMillis()} ms" }, sprintf('%,.0f records/s', median(rates)))

    then:
    audits.every { it.clean && it.counts().outputs() == EVENTS && it.counts().duplicates() == EVENTS.intdiv(SENT_TWICE) }
    median(rates) >= 100_000

    when:
    def seconds = (1..ROUNDS).collect { rebuild() }
    tell('rebuild', seconds, sprintf('%.1f s', median(seconds)))

    then:
    median(seconds) <= 30
  }

  private ProducerRecord<byte[], byte[]> event(int i, int shift) {
    new ProducerRecord<>(source, (i + shift) % 3, null, "debtor-${i % 5000}".bytes, (("$i " + 'x' * 100) as String).bytes,
        [new RecordHeader('event-id', "payment-2026-11-$i".bytes)])
  }

  /** In seconds, from a Redis without a key. */
  private double rebuild() {
    def redis = RedisClient.create(redisUri)
    redis.connect().sync().flushall()
    redis.shutdown()
    def settings = ['kafka.bootstrap.servers': bootstrapServers, 'redis.uri': redisUri, 'pipelines.relay.group': name,
                    'pipelines.relay.source': source, 'pipelines.relay.sinks': sink]
    def out = new StringWriter()
    long began = System.nanoTime()
    int status = new CommandLine(new RebuildGuardCommand()).setOut(new PrintWriter(out))
        .execute((settings.collectMany { k, v -> ['-P', "$k=$v".toString()] } + 'relay') as String[])
    double took = (System.nanoTime() - began) / 1e9d
    assert status == 0
    assert out.toString().contains('1,000,000 claims rebuilt in ')
    took
  }

  private static double median(List<Double> values) {
    values.sort(false)[ROUNDS.intdiv(2)]
  }

  private static void tell(String what, List rounds, String median) {
    Files.writeString(FIGURES, "$what: $median; rounds $rounds\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND)
  }
}
