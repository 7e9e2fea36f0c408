package io.exactlyonce.lag

import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.common.serialization.ByteArraySerializer
import spock.lang.Tag

import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import java.util.concurrent.locks.LockSupport

/** A pipeline that handles 1,000 records a second, of 2,000 a second that come in. */
@Tag('long')
class LagSecondsSpec extends LagSpec {

  static final int CHECKS = 8
  static final int PER_SECOND = 2000

  def "at 2,000 records a second seconds are within 1 s of the truth, by a worker's record and by samples"() {
    given:
    def running = run([concurrency: '4', ordering: 'none'], slow())
    awaitRunning(running, 1)
    def byRecord = checks(known: known(running))
    def bySamples = checks()
    [byRecord, bySamples].each { check(it) }
    def stop = new CountDownLatch(1)
    def load = Thread.start { produceSteadily(stop) }

    when: 'each check is looked at between two looks at what is committed'
    def found = (1..CHECKS).collect {
      assert !stop.await(900, TimeUnit.MILLISECONDS) // the time from one check to the next
      [byRecord, bySamples].collect { checks ->
        def before = committed()
        def lag = check(checks)
        [before: before, lag: lag, after: committed()]
      }
    }
    stop.countDown()
    load.join()
    def times = readCommitted(source).groupBy { it.partition() }.collectEntries { p, records -> [p, records.sort { it.offset() }*.timestamp()] }
    def off = found.collect { pair -> pair.collect { one -> offTheTruth(one, times) } }

    then: 'and it was behind, so that there was something to tell'
    found.last()[0].lag.records() > PER_SECOND
    found.last()[0].lag.seconds() > 1
    off*.get(0).flatten().max() < 1
    off*.get(1).flatten().max() < 1

    and: "the worker's record counts, but where a commit came between its answer and the broker's"
    LagSeconds.Kind.EXACT in kinds(found*.get(0).lag)
    kinds(found*.get(1).lag) == [LagSeconds.Kind.INTERPOLATED] as Set

    cleanup:
    stop.countDown()
  }

  /** By how many seconds each partition is wrong: what was committed moved on during the check. */
  private List<Double> offTheTruth(Map one, Map<Integer, List<Long>> times) {
    one.lag.partitions().findAll { it.records() > 0 }.collect { lag ->
      int p = lag.partition().partition()
      def age = { Map<Integer, Long> offsets -> (one.lag.at().toEpochMilli() - times[p][(int) offsets[p]]) / 1000d }
      Math.max(0d, Math.max(age(one.after) - lag.seconds().value(), lag.seconds().value() - age(one.before)))
    }
  }

  private static Set<LagSeconds.Kind> kinds(List<GroupLag> lags) {
    lags*.partitions().flatten().findAll { it.records() > 0 }.collect { it.seconds().kind() } as Set
  }

  private Map<Integer, Long> committed() {
    def found = admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata().get()
    (0..2).collectEntries { [it, found[partition(it)]?.offset() ?: 0L] }
  }

  private static Handler<String> slow() {
    { event ->
      LockSupport.parkNanos(4_000_000)
      Outcome.skip('slow')
    } as Handler<String>
  }

  private void produceSteadily(CountDownLatch stop) {
    new KafkaProducer<>(['bootstrap.servers': bootstrapServers], new ByteArraySerializer(), new ByteArraySerializer()).withCloseable { producer ->
      int i = 0
      while (!stop.await(20, TimeUnit.MILLISECONDS)) {
        PER_SECOND.intdiv(50).times { producer.send(record("v$i", partition: i % 3)); i++ }
      }
    }
  }
}
