package io.exactlyonce.wiring.watch

import io.exactlyonce.engine.PipelineSpec
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.lag.LagMonitor
import io.exactlyonce.scaling.ScalingDecision.Direction
import io.exactlyonce.scaling.ScalingDecision.What
import io.exactlyonce.scaling.ScalingPeriods
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.common.serialization.ByteArraySerializer

import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption
import java.time.Clock
import java.time.Duration
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger

/**
 * The web-log case: 5,000 records a second, a handler of 12 ms, from one worker that calls one handler at a time; the
 * scaler alone, with its own periods: {@code mvn test -Dtest=ScalingFigures}. Each check goes to
 * target/scaling-figures.txt.
 */
class ScalingFigures extends PipelineSpec {

  static final int PER_SECOND = Integer.getInteger('per-second', 5_000)
  static final Path FIGURES = Path.of('target', 'scaling-figures.txt')
  static final Map<String, String> SETTINGS = [
    ordering: 'key', 'scaling.mode': 'workers', 'scaling.max-concurrency': '256', 'lag.check-every': '1s',
    'alerts.lag.warning-records': '10000', 'alerts.lag.critical-records': '20000',
  ]

  def "the scaler alone brings the lag down to nothing within 3 minutes, with 2 rebalances at the most"() {
    given:
    def load = Executors.newSingleThreadScheduledExecutor()
    def sent = new AtomicInteger()
    def handler = { event -> new CountDownLatch(1).await(12, TimeUnit.MILLISECONDS); Outcome.skip('seen') } as Handler<String>
    def pipeline = run(SETTINGS, handler).pipeline()
    def config = pipeline.config()
    def scaling = new ScalingWatch([config], { [pipeline] }, ScalingPeriods.DEFAULT, Clock.systemUTC())
    LagMonitor monitor = LagParts.monitor([config], ['bootstrap.servers': bootstrapServers], { [pipeline] })
    def begin = 0L
    def producer = new KafkaProducer<byte[], byte[]>(['bootstrap.servers': bootstrapServers, 'linger.ms': 5], new ByteArraySerializer(), new ByteArraySerializer())
    opened << monitor
    opened << producer
    opened << ({ load.shutdownNow() } as AutoCloseable)
    await(BOUND) { assert pipeline.status().ready }

    when:
    begin = System.nanoTime()
    def seconds = { (System.nanoTime() - begin) / 1e9 as double }
    monitor.onChecked(scaling)
    monitor.onChecked({ lags ->
      def line = String.format('%5.1f s: lag %d, concurrency %d, workers %d, rebalances %d, done %d of %d%n', seconds(), lags[0].records(),
          pipeline.wantedConcurrency(), pipeline.wantedWorkers(), pipeline.counters().rebalances.count.sum(), pipeline.counters().skipped.sum(), sent.get())
      Files.writeString(FIGURES, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
    })
    monitor.start()
    load.scheduleAtFixedRate({
      PER_SECOND.intdiv(10).times { producer.send(record("v${sent.incrementAndGet()}", partition: it % 3)) }
    }, 0, 100, TimeUnit.MILLISECONDS)
    await(Duration.ofSeconds(60)) { assert pipeline.counters().skipped.sum() < sent.get() - 20_000L }
    await(Duration.ofMinutes(3)) { assert monitor.latest().every { it.measured && it.records() < PER_SECOND } }

    then: 'under load the lag is what was just produced: less than a second of it'
    seconds() < 180
    pipeline.counters().rebalances.count.sum() <= 2
    scaling.count(config.name(), What.CONCURRENCY, Direction.BACK) == 0
  }
}
