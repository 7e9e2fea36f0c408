package io.exactlyonce.receipt.table

import io.exactlyonce.receipt.Receipt
import org.apache.kafka.common.Uuid
import spock.lang.Specification

class PartitionReceiptsSpec extends Specification {

  static final ID = Uuid.randomUuid()

  def "an offset is found in a span that others stand in, and how far spans reach is not forgotten"() {
    given:
    def table = new PartitionReceipts()
    [[10, 20], [5, 100], [0, 3], [30, 40], [120, 130]].eachWithIndex { range, i ->
      table.add(new Receipt.Span('t', ID, 0, range[0], range[1]), i)
    }
    table.seal()

    expect:
    table.find(offset) == span

    and:
    (0..<5).collect { table.reach(it) } == [3L, 100L, 100L, 100L, 130L]
    table.end() == 130

    where:
    offset || span
    2      || 0
    4      || PartitionReceipts.NONE
    6      || 1
    25     || 1
    50     || 1
    110    || PartitionReceipts.NONE
    125    || 4
    130    || PartitionReceipts.NONE
  }
}
