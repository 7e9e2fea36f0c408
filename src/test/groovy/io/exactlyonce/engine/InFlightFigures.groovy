package io.exactlyonce.engine

import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output

import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption
import java.time.Duration
import java.util.concurrent.CountDownLatch
import java.util.concurrent.locks.LockSupport

/**
 * Handlers that stand still for ten minutes while the producer goes on: {@code mvn test
 * -Dtest=InFlightFigures}, {@code -Dseconds=} for less or more. What is in flight and the heap after
 * a collection go to target/in-flight-figures.txt, once in ten seconds.
 */
class InFlightFigures extends PipelineSpec {

  static final int SECONDS = Integer.getInteger('seconds', 600)
  static final int MOST = 20_000
  static final Path FIGURES = Path.of('target', 'in-flight-figures.txt')

  def "what is in flight stays within the bound"() {
    given:
    def gate = new CountDownLatch(1)
    String to = sink
    def standing = { event -> gate.await(); Outcome.emit(Output.to(to, event.key(), event.value())) } as Handler<String>
    def running = run([ordering: 'key', concurrency: 64, 'in-flight-records': MOST, 'stall-after': '1h'], standing)
    def counters = running.pipeline().counters()
    def end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos()
    def sent = 0
    def worst = 0

    when:
    while (System.nanoTime() < end) {
      def pause = System.nanoTime() + Duration.ofSeconds(10).toNanos()
      while (System.nanoTime() < pause) {
        produce((0..<1_000).collect { record("v${sent + it}" + 'x' * 200, id: "v${sent + it}", partition: it % 3) })
        sent += 1_000
        worst = Math.max(worst, counters.read.sum())
        LockSupport.parkNanos(400_000_000)
      }
      System.gc()
      def heap = (Runtime.runtime.totalMemory() - Runtime.runtime.freeMemory()) >> 20
      def line = "produced $sent, in flight ${running.pipeline().status().workers()[0].inFlight()}, most $worst, heap $heap MB\n"
      Files.writeString(FIGURES, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
    }

    then:
    worst <= MOST
    sent > MOST

    when:
    gate.countDown()
    await(Duration.ofMinutes(5)) { assert counters.processed.sum() == sent }

    then:
    counters.aborts.sum() == 0
  }
}
