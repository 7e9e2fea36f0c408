package io.exactlyonce.engine.inflight

import spock.lang.Specification
import spock.lang.Timeout

import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger

/** A raise that was lost would be waited for for {@code LONG}, which the time-outs do not allow. */
class SignalSpec extends Specification {

  static final LONG = TimeUnit.MINUTES.toNanos(10)

  @Timeout(30)
  def "a raise before the await is not lost"() {
    given:
    def signal = new Signal()

    when:
    signal.raise()
    signal.await(LONG)

    then:
    noExceptionThrown()
  }

  @Timeout(60)
  def "two threads that wait for each other's raise never both wait"() {
    given:
    def rounds = 20_000
    def ping = new Signal()
    def pong = new Signal()
    def sent = new AtomicInteger()
    def seen = new AtomicInteger()
    def other = Thread.start {
      for (int i = 1; i <= rounds; i++) {
        while (sent.get() < i) {
          ping.await(LONG)
        }
        seen.set(i)
        pong.raise()
      }
    }

    when:
    for (int i = 1; i <= rounds; i++) {
      sent.set(i)
      ping.raise()
      while (seen.get() < i) {
        pong.await(LONG)
      }
    }
    other.join()

    then:
    seen.get() == rounds
  }

  @Timeout(60)
  def "of many threads that raise at once, the one that awaits misses nothing"() {
    given:
    def signal = new Signal()
    def done = new AtomicInteger()
    def each = 20_000
    def raisers = (1..3).collect {
      Thread.start {
        each.times {
          done.incrementAndGet()
          signal.raise()
        }
      }
    }

    when:
    while (done.get() < 3 * each) {
      signal.await(LONG)
    }
    raisers*.join()

    then:
    done.get() == 3 * each
  }

  @Timeout(30)
  def "without a raise an await ends after its time"() {
    when:
    new Signal().await(TimeUnit.MILLISECONDS.toNanos(1))

    then:
    noExceptionThrown()
  }
}
