package io.exactlyonce.engine.transaction

import io.exactlyonce.engine.status.Durations
import spock.lang.Specification

/** How long ago the records of a transaction were written, once it has committed. */
class RecordTimesSpec extends Specification {

  def durations = new Durations([0.1d, 1.0d])
  def times = new RecordTimes()

  def "each record counts with its own timestamp"() {
    when:
    [9_950, 9_950, 9_950, 9_500, 5_000, 9_950].each { times.add(it) }
    times.recordTo(durations, 10_000)

    then:
    durations.snapshot().counts() == [4, 1, 1]
    Math.abs(durations.snapshot().sum() - (4 * 0.05d + 0.5d + 5)) < 1e-9d
  }

  def "a record #what is not counted"() {
    when:
    times.add(timestamp)
    times.recordTo(durations, 10_000)

    then:
    durations.snapshot().count() == 0

    where:
    what                  | timestamp
    'without a timestamp' | -1
    'of the future'       | 10_001
  }

  def "there is room for any number of timestamps"() {
    when:
    (0..<5_000).each { times.add(it) }
    times.recordTo(durations, 5_000)

    then:
    durations.snapshot().count() == 5_000
    durations.snapshot().counts()[0] == 100
  }
}
