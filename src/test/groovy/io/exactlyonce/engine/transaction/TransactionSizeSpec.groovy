package io.exactlyonce.engine.transaction

import io.exactlyonce.config.PipelineConfig.Commits
import spock.lang.Specification

import java.time.Duration

class TransactionSizeSpec extends Specification {

  static TransactionSize size(int records = 50_000) {
    new TransactionSize(new Commits(Duration.ofMillis(100), Duration.ofMillis(20), records, 64 << 20, Duration.ofMillis(100), Duration.ofSeconds(30)))
  }

  /** Times in milliseconds. */
  static int committed(TransactionSize size, int records, double writing, double committing) {
    def start = Long.MAX_VALUE - 1000 // nanoTime may start anywhere
    long written = start + (writing * 1e6 as long)
    size.postHandOver(records, start)
    size.postWritten(written)
    size.postWritten(written + 1)
    size.postCommitted(written + (committing * 1e6 as long))
    size.most()
  }

  def "#records records that took #writing ms to write and #committing ms to commit leave #most of 50,000"() {
    expect:
    committed(size(), records, writing, committing) == most

    where:
    records | writing | committing || most
    50_000  | 100     | 10         || 50_000 // the target
    50_000  | 125     | 10         || 40_000
    20_000  | 125     | 10         || 16_000 // what was written counts, not what might have been
    50_000  | 900     | 10         || 25_000 // one stall at most halves it
    50_000  | 125     | 70         || 50_000 // a dear commit lengthens the target
    50_000  | 175     | 70         || 40_000
    1_001   | 900     | 10         || 1_000
    1_000   | 900     | 10         || 50_000 // so few say nothing of size
    3       | 900     | 10         || 50_000
    0       | 900     | 10         || 50_000
  }

  def "it grows by a quarter where the bound was reached in less than half the target, and no further than commit-records"() {
    given:
    def size = size()
    10.times { committed(size, size.most(), 900, 10) }

    expect:
    size.most() == 1_000
    committed(size, 999, 10, 10) == 1_000 // it was not the bound that ended it
    committed(size, 1_000, 50, 10) == 1_000 // within the band
    committed(size, 1_000, 49, 10) == 1_250
    committed(size, 1_250, 49, 10) == 1_563

    when:
    30.times { committed(size, size.most(), 1, 10) }

    then:
    size.most() == 50_000
  }

  def "commit-records below what is small is never gone below, nor above"() {
    given:
    def size = size(10)

    expect:
    committed(size, 10, 900, 1) == 10
    committed(size, 10, 1, 1) == 10
  }

  def "under full load it comes into the band and stays: #perSecond records/s written, a commit of #committing ms"() {
    given: 'writing takes its time per record, but for what goes out while the last transaction commits'
    def writing = { int records -> Math.max(2d, records * 1000d / perSecond - committing * overlap) }
    def size = size()
    def goal = Math.max(100, 2 * committing)

    when:
    def sizes = (1..60).collect { committed(size, size.most(), writing(size.most()), committing) }

    then: 'nothing moves any more'
    sizes.drop(40).toSet().size() == 1

    and: 'where the bounds do not hold it'
    def took = writing(sizes.last())
    (took >= goal / 2 - 1 && took <= goal + 1) || sizes.last() in [1_000, 50_000]

    when: 'the broker is four times as fast from now on'
    def later = (1..60).collect { committed(size, size.most(), writing(size.most()) / 4, committing) }

    then:
    later.drop(40).toSet().size() == 1
    def laterTook = writing(later.last()) / 4
    (laterTook >= goal / 2 - 1 && laterTook <= goal + 1) || later.last() in [1_000, 50_000]

    where:
    [perSecond, committing, overlap] << [[5_000, 20_000, 100_000, 300_000], [1, 10, 40, 150], [0, 0.5d, 1]].combinations()
  }
}
