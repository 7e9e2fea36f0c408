package io.exactlyonce.explain

import io.exactlyonce.cli.ExplainCommand
import io.exactlyonce.engine.PipelineSpec
import io.exactlyonce.local.Await
import io.exactlyonce.local.ChildJvm
import io.exactlyonce.local.ChildProcess
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.header.internals.RecordHeader
import picocli.CommandLine

import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption

/**
 * How long it takes to explain one event of a million, on a machine that does nothing else: {@code mvn test
 * -Dtest=ExplainFigures}; the figures go to target/explain-figures.txt.
 *
 * A real pipeline with its guard has written outputs and receipts of small records. The command is run as a process
 * of its own, which is what an operator waits for, and inside this one, which shows what of it is the start of a JVM:
 * with Java's defaults, and with the options that docker/run.sh gives it. With {@code -Dimage=DIR}, which holds the
 * jar and a cache that {@code io.exactlyonce.demo.Train} made there with the same Java, also as the image runs it.
 */
class ExplainFigures extends PipelineSpec {

  static final int EVENTS = 1_000_000
  static final int AT_ONCE = 100_000
  static final int ROUNDS = 5
  static final List<String> SHORT = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
  static final Path IMAGE = Path.of(System.getProperty('image', 'target/image'))
  static final Path FIGURES = Path.of('target', 'explain-figures.txt')

  def "one event of a million is explained"() {
    given:
    def pipeline = run()
    for (int from = 0; from < EVENTS; from += AT_ONCE) {
      produce((from..<from + AT_ONCE).collect { event(it) })
      awaitDrained() // a lag that any machine drains within the bound
    }
    produce([event(500_000, 1)])
    awaitDrained()
    pipeline.close()
    def duplicate = readCommitted(source).findAll { it.partition() == (500_000 + 1) % 3 }*.offset().max()

    when:
    def asked = [
        'by id, with its claim': ['--id', 'payment-2026-11-500000', '--redis-uri', redisUri],
        'by id, from the log'  : ['--id', 'payment-2026-11-500000'],
        'by position'          : ['--position', "$source-2@100000"],
        'a duplicate\'s position': ['--position', "$source-${(500_000 + 1) % 3}@$duplicate"]
    ]
    def alone = asked.collectEntries { what, args -> [what, (1..ROUNDS).collect { process(told(args)) }] }
    def brief = asked.collectEntries { what, args -> [what, (1..ROUNDS).collect { process(SHORT, told(args)) }] }
    def image = Files.exists(IMAGE) ? asked.collectEntries { what, args -> [what, (1..ROUNDS).collect { fromImage(told(args)) }] } : [:]
    def within = asked.collectEntries { what, args -> [what, (1..ROUNDS).collect { command(args) }] }
    asked.keySet().each {
      tell(it, "a process of its own ${median(alone[it])} s ${alone[it]}, of the image's options ${median(brief[it])} s ${brief[it]}, " +
          (image ? "as the image runs it ${median(image[it])} s ${image[it]}, " : '') + "in a warm one ${median(within[it])} s ${within[it]}")
    }

    then: 'as the image runs it also where no claim leads there: there is no index of ids in Kafka, and a million records are read'
    image.every { median(it.value) < 2 }
    within.every { median(it.value) < 2 }
  }

  private ProducerRecord<byte[], byte[]> event(int i, int shift = 0) {
    new ProducerRecord<>(source, (i + shift) % 3, null, "debtor-${i % 5000}".bytes, (("$i " + 'x' * 100) as String).bytes,
        [new RecordHeader('event-id', "payment-2026-11-$i".bytes)])
  }

  private List<String> told(List args) {
    ['explain', *arguments(args)]
  }

  private List<String> arguments(List args) {
    ['--bootstrap-servers', bootstrapServers, '--group', name, *args]*.toString()
  }

  private static double process(List<String> options = [], List<String> args) {
    timed { log -> ChildJvm.start(log.parent, 'explain', options, 'io.exactlyonce.cli.Main', args) }
  }

  /** As docker/run.sh has it. */
  private static double fromImage(List<String> args) {
    def cache = ['aot': '-XX:AOTCache=', 'jsa': '-XX:SharedArchiveFile=']
        .find { kind, option -> Files.exists(IMAGE.resolve("tools.$kind")) }
    def line = ["${System.getProperty('java.home')}/bin/java", *SHORT, cache.value + IMAGE.resolve("tools.$cache.key"),
      '-jar', IMAGE.resolve('exactly-once-pipeline.jar'), *args]
    timed { log -> ChildProcess.start(log, line*.toString()) }
  }

  /** In seconds, from its start to its end. */
  private static double timed(Closure<ChildProcess> start) {
    def log = Path.of('target', 'explain', 'explain.log')
    Files.createDirectories(log.parent)
    Files.deleteIfExists(log)
    long began = System.nanoTime()
    def child = start(log)
    Await.until(BOUND) { assert !child.alive } // asks each 10 ms; a handle of another's process learns of its end up to half a second late
    double took = Math.round((System.nanoTime() - began) / 1e7d) / 100
    assert Files.readString(log).contains('read in')
    took
  }

  private double command(List args) {
    long began = System.nanoTime()
    def out = new StringWriter()
    new CommandLine(new ExplainCommand()).setOut(new PrintWriter(out)).execute(arguments(args) as String[])
    assert out.toString().contains('read in')
    Math.round((System.nanoTime() - began) / 1e7d) / 100
  }

  private static double median(List<Double> values) {
    values.sort(false)[ROUNDS.intdiv(2)]
  }

  private static void tell(String what, String figures) {
    Files.writeString(FIGURES, "$what: $figures\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND)
  }
}
