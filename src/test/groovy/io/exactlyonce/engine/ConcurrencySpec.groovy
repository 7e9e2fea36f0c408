package io.exactlyonce.engine

import io.exactlyonce.handler.Event
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import spock.lang.Tag

import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Semaphore
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger

/** The concurrency of workers that run is changed, up and down, while records come. */
class ConcurrencySpec extends PipelineSpec {

  static final int KEYS = 40

  final running = new AtomicInteger()
  final overlaps = new ConcurrentHashMap<String, Boolean>()
  final inside = new ConcurrentHashMap<String, Boolean>()

  /** Notes two calls at once for one key, and how many there are in all; each takes what the step says. */
  Handler<String> watched(Closure<?> step) {
    String to = sink
    return { Event<String> event ->
      if (inside.put(event.key(), true) != null) {
        overlaps.put(event.key(), true)
      }
      running.incrementAndGet()
      try {
        step(event)
        return Outcome.emit(Output.to(to, event.key(), event.value()))
      } finally {
        running.decrementAndGet()
        inside.remove(event.key())
      }
    } as Handler<String>
  }

  /** So many of each key, in turns. */
  void produceRound(int round, int each) {
    produce((0..<each).collectMany { n -> (0..<KEYS).collect { key -> record("${round * each + n}", id: "$key-$round-$n", key: "k$key", partition: key % 3) } })
  }

  @Tag('long')
  def "under load that goes on, order by key holds while it goes up and down; no call is interrupted"() {
    given:
    def interrupted = new AtomicInteger()
    def pipeline = run([ordering: 'key'], watched {
      try {
        new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS)
      } catch (InterruptedException e) {
        interrupted.incrementAndGet()
      }
    }).pipeline()

    when:
    [8, 2, 32, 1, 16, 4].eachWithIndex { concurrency, round ->
      produceRound(round, 15)
      pipeline.scaleConcurrency(concurrency)
      await(BOUND) { assert pipeline.counters().processed.sum() >= (long) (round * 15 * KEYS + KEYS) }
    }
    awaitDrained()

    then:
    def byKey = readCommitted(sink).groupBy { new String(it.key()) }
    byKey.size() == KEYS
    byKey.values().every { records -> records.collect { new String(it.value()) as int } == (0..<90).toList() }
    overlaps.isEmpty()
    interrupted.get() == 0
    pipeline.counters().rebalances.count.sum() == 1
    pipeline.counters().aborts.sum() == 0
    guarantees.receiptsJoin()
  }

  @Tag('long')
  def "so many run at once as it says, also of a worker that starts later"() {
    given:
    def gate = new Semaphore(0)
    def test = run([ordering: 'none', concurrency: 2], watched { gate.acquire() })
    def pipeline = test.pipeline()

    when:
    produceRound(0, 1)

    then:
    await(BOUND) { assert running.get() == 2 }
    pipeline.wantedConcurrency() == 2

    when: 'more begin beside those that run'
    pipeline.scaleConcurrency(5)

    then:
    await(BOUND) { assert running.get() == 5 }

    when: 'fewer: those that run end as they would, one after the other'
    pipeline.scaleConcurrency(1)

    then:
    await(BOUND) {
      gate.release()
      assert running.get() == 1
    }

    when: 'a second worker takes partitions over, with the concurrency that is wanted by then'
    pipeline.scaleConcurrency(3)
    pipeline.scale(2)
    gate.release(1000)
    awaitRunning(test, 2)
    awaitDrained()
    gate.drainPermits()
    produceRound(1, 1)

    then:
    await(BOUND) { assert running.get() == 6 }

    cleanup:
    gate.release(1000)
  }

  def "#calls at once are refused by name"() {
    when:
    run().pipeline().scaleConcurrency(calls)

    then:
    def e = thrown(IllegalArgumentException)
    e.message == "pipelines.${name}.concurrency = $calls: must be from 1 to 10000"

    where:
    calls << [0, 10_001]
  }
}
