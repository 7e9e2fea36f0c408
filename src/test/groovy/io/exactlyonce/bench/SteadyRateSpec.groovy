package io.exactlyonce.bench

import spock.lang.Specification

import java.time.Duration

class SteadyRateSpec extends Specification {

  def rate = new SteadyRate(Duration.ofSeconds(5), Duration.ofSeconds(60), Duration.ofSeconds(30))

  /** A sample each second, at so many records a second for each slice of five. */
  private int run(List<Integer> slices) {
    long records = 0
    rate.add(new Sample(0, 0, 1, 2, 3))
    for (int second = 1; second <= slices.size() * 5; second++) {
      records += slices[(second - 1).intdiv(5)]
      rate.add(new Sample(second, records, 1 + second / 2, 2 + second / 4, 3 + second / 10))
      if (rate.isOver()) {
        return second
      }
    }
    -1
  }

  def "the counted part begins with the first slice that differs from the one before by under 5 %"() {
    expect:
    run([100, 200, 300, 310] + [400] * 20) == 20 + 30

    and:
    with(rate.phases()) {
      it.steady
      warmUp() == 20
      firstPerSecond() == 100
      counted().seconds() == 30
      counted().perSecond() == 400
    }
  }

  def "slices of #slices are steady after #seconds s"() {
    when:
    run(slices + [1000] * 20)

    then:
    rate.phases().warmUp() == seconds

    where:
    slices               || seconds
    [100, 104, 200]      || 10
    [100, 106, 200, 201] || 20
    [104, 100, 200]      || 10
    [106, 100, 200, 201] || 20
  }

  def "a rate that never is steady counts after 60 s, and is not called steady"() {
    expect:
    run([100, 200] * 20) == 60 + 30

    and:
    !rate.phases().steady
    rate.phases().warmUp() == 60
  }

  def "what a run does for nothing is not steady"() {
    expect:
    run([0] * 18) == 60 + 30

    and:
    !rate.phases().steady
  }

  def "CPU time and records of the counted part are those of it alone"() {
    when:
    run([100, 100] + [300] * 6)

    then:
    with(rate.phases().counted()) {
      records() == 30 * 300
      workerCpu() == 15
      brokerCpu() == 7.5
      Math.abs(redisCpu() - 3) < 1e-9
    }
  }

  def "a source that ends in the counted part leaves it shorter"() {
    expect:
    run([100, 100, 300]) == -1

    and:
    rate.phases().steady
    rate.phases().counted().seconds() == 5
    rate.phases().counted().perSecond() == 300
  }

  def "a source that ends before the rate is steady counts from the middle, and is not called steady"() {
    expect:
    run([100, 200, 400, 500]) == -1

    and:
    !rate.phases().steady
    rate.phases().warmUp() == 10
    rate.phases().counted().perSecond() == 450
  }

  def "a source that ends within the first slice still has a rate"() {
    when:
    [0, 1, 2].each { rate.add(new Sample(it, it * 70, 0, 0, 0)) }

    then:
    rate.phases().firstPerSecond() == 70
    rate.phases().counted().perSecond() == 70
  }
}
