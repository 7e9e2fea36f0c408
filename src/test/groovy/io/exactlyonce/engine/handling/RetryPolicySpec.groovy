package io.exactlyonce.engine.handling

import io.exactlyonce.config.PipelineConfig.Retry
import io.exactlyonce.config.value.OnExhausted
import spock.lang.Specification

import java.time.Duration
import java.util.random.RandomGenerator

class RetryPolicySpec extends Specification {

  static final RandomGenerator SEEDED = new Random(42)

  static RetryPolicy policy(long backoffMillis, long mostMillis, RandomGenerator random = SEEDED) {
    new RetryPolicy(new Retry(3, Duration.ofMillis(backoffMillis), Duration.ofMillis(mostMillis)), random)
  }

  def "of #attempts attempts the one numbered #attempt is the last: #exhausted"() {
    expect:
    new RetryPolicy(new Retry(attempts, Duration.ZERO, Duration.ZERO), SEEDED).isExhausted(attempt) == exhausted

    where:
    attempts | attempt || exhausted
    1        | 1       || true
    3        | 1       || false
    3        | 2       || false
    3        | 3       || true
    3        | 4       || true
  }

  def "after attempt #attempt the wait is between #least and #most ms"() {
    given:
    def waits = (1..500).collect { policy(100, 1000).delay(attempt) }

    expect:
    waits.every { it >= Duration.ofMillis(least) && it <= Duration.ofMillis(most) }

    and: 'spread over that range'
    waits.min() < Duration.ofMillis(least + (most - least).intdiv(10))
    waits.max() > Duration.ofMillis(most - (most - least).intdiv(10))

    where:
    attempt || least | most
    1       || 50    | 100
    2       || 100   | 200
    3       || 200   | 400
    4       || 400   | 800
    5       || 500   | 1000
    60      || 500   | 1000
    1000    || 500   | 1000
  }

  def "the wait is #wait ms where it starts at #backoff and ends at #cap"() {
    expect:
    (1..5).every { policy(backoff, cap).delay(it) == Duration.ofMillis(wait) }

    where:
    backoff | cap  || wait
    0       | 1000 || 0
    0       | 0    || 0
    100     | 0    || 0
  }

  def "a first wait above the cap is the cap's"() {
    expect:
    (1..100).collect { policy(5000, 1000).delay(1) }.every { it >= Duration.ofMillis(500) && it <= Duration.ofMillis(1000) }
  }

  def "with retry.on #on and retry.never #never, #thrown.class.simpleName is worth another attempt: #worth"() {
    expect:
    new RetryPolicy(new Retry(3, Duration.ZERO, Duration.ZERO, on, never, OnExhausted.DEAD_LETTER, []), SEEDED)
        .isWorthIt(thrown) == worth

    where:
    on                      | never                                | thrown                         || worth
    []                      | []                                   | new Error()                    || true
    ['java.io.IOException'] | []                                   | new IOException()              || true
    ['java.io.IOException'] | []                                   | new FileNotFoundException()    || true
    ['java.io.IOException'] | []                                   | new IllegalStateException()    || false
    []                      | ['java.lang.RuntimeException']       | new IllegalArgumentException() || false
    []                      | ['java.lang.RuntimeException']       | new IOException()              || true
    ['java.io.IOException'] | ['java.io.FileNotFoundException']    | new FileNotFoundException()    || false
    ['java.io.IOException'] | ['java.io.FileNotFoundException']    | new EOFException()             || true
  }
}
