package io.exactlyonce.cli.common

import spock.lang.Specification

class SendRateSpec extends Specification {

  long now = 0

  def "at #rate records a second #records records take #seconds seconds"() {
    given:
    def sendRate = new SendRate(rate, { now }, { long nanos -> now += nanos })

    when:
    records.times { sendRate.await() }

    then:
    Math.abs(now / 1e9 - seconds) < 0.001

    where:
    rate  | records || seconds
    10    | 11      || 1
    1000  | 5001    || 5
    0.5   | 2       || 2
    0     | 1000    || 0
  }

  def "a wait that ends early is waited out"() {
    given:
    def sendRate = new SendRate(10, { now }, { long nanos -> now += Math.max(1, nanos.intdiv(3)) })

    when:
    11.times { sendRate.await() }

    then:
    now >= 1e9
  }

  def "after a standstill no more than a second's records come at once"() {
    given:
    def sendRate = new SendRate(10, { now }, { long nanos -> now += nanos })
    sendRate.await()

    when:
    now += 60e9 as long
    def resumed = now
    21.times { sendRate.await() }

    then:
    Math.abs((now - resumed) / 1e9 - 1) < 0.001
  }
}
