package io.exactlyonce.engine

import java.time.Duration

/** In each build, small and with a wide margin; {@link FailingThroughputFigures} measures. */
class FailingThroughputSpec extends FailingThroughput {

  static final int ROUNDS = 3
  static final int GOOD = 18_000
  static final Duration EACH = Duration.ofMillis(1)

  /** The waits take about as long as the good records: if these waited too, it would be 1.6. */
  static final SETTINGS = [concurrency: '12', 'retry.backoff': '500ms', 'retry.max-backoff': '500ms']
  static final double MOST = 1.35

  def "a refused record and one retried three times at the head of each of 12 partitions hardly slow the others"() {
    when: 'in turns, as often as it takes: the machine may be busy'
    def without = Long.MAX_VALUE
    def with = Long.MAX_VALUE
    for (round in 1..ROUNDS) {
      if (with <= MOST * without && without < Long.MAX_VALUE) break
      without = Math.min(without, measure(false, GOOD, EACH, SETTINGS))
      with = Math.min(with, measure(true, GOOD, EACH, SETTINGS))
    }

    then:
    with <= MOST * without
  }
}
