package io.exactlyonce.engine.intake

import spock.lang.Specification

import java.time.Duration
import java.util.concurrent.TimeUnit

class RateLimitSpec extends Specification {

  static long ms(long millis) {
    TimeUnit.MILLISECONDS.toNanos(millis)
  }

  def "what was taken in is paid for before anything else is: #records at #rate a second (start #start)"() {
    given:
    def limit = new RateLimit(rate, start)

    when:
    limit.take(records, start)

    then:
    limit.waitNanos(start) == ms(wait)
    limit.waitNanos(start + ms(wait) - 1) == 1
    limit.waitNanos(start + ms(wait)) == 0

    where:
    [[rate, records, wait], start] << [[[1000, 500, 500], [10, 1, 100]], [0L, -1L, Long.MAX_VALUE - ms(50), Long.MIN_VALUE]].combinations()
  }

  def "over any time no more is taken in than the rate, a tenth of a second's worth and one poll"() {
    given:
    def limit = new RateLimit(1000, 0)
    def random = new Random(3)
    long now = 0
    def taken = []

    when: 'whenever it may, a poll of up to 50 records; at times nothing for long'
    3000.times {
      now += random.nextInt(100) == 0 ? ms(2000) : ms(random.nextInt(5))
      if (limit.waitNanos(now) == 0) {
        def records = 1 + random.nextInt(50)
        limit.take(records, now)
        taken << [now, records]
      }
    }

    then:
    (0..<taken.size()).every { from ->
      def sum = 0
      (from..<Math.min(taken.size(), from + 50)).every { to ->
        sum += taken[to][1]
        sum <= (taken[to][0] - taken[from][0]) / 1e6 + 100 + 50
      }
    }
    taken.sum { it[1] } > 5000
  }

  def "without a limit nothing waits"() {
    given:
    def limit = new RateLimit(0, 0)

    when:
    limit.take(1_000_000, 0)

    then:
    limit.waitNanos(0) == 0
    limit.cut(Duration.ofMillis(100), 0) == Duration.ofMillis(100)
  }

  def "a poll waits until there is something to take in, no longer and never for nothing: #taken taken, #wait ms"() {
    given:
    def limit = new RateLimit(1_000_000, 0)
    limit.take(taken, 0)

    expect:
    limit.cut(Duration.ofMillis(100), 0) == Duration.ofMillis(wait)

    where:
    taken   || wait
    0       || 100
    1       || 1
    2_500   || 3
    500_000 || 100
  }
}
