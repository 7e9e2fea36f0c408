package io.exactlyonce.receipt.audit;

import static io.exactlyonce.receipt.audit.report.Finding.Kind.DUPLICATED;
import static io.exactlyonce.receipt.audit.report.Finding.Kind.UNACCOUNTED;

import io.exactlyonce.receipt.IdSet;
import io.exactlyonce.receipt.audit.report.Findings;
import java.time.Duration;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Checks the records of one topic whose source record is in a receipt before the cut, the time from
 * which receipts are judged. Those of the last minutes before it are read along, and each may be
 * there once. A second one is a finding, and so is one that was written long after its receipt.
 */
final class BeforeCut {
  /** Stands for an output number that is not known. */
  static final int NO_NUMBER = -1;

  /**
   * Time after its receipt from which on an output is a finding. An output is sent before its
   * receipt, and clocks differ by less than this.
   */
  private static final Duration LATE = Trim.LEAD.plusMinutes(1);

  private final ReceiptIndex index;
  private final Findings findings;
  private final IdSet seen = new IdSet();

  BeforeCut(ReceiptIndex index, Findings findings) {
    this.index = index;
    this.findings = findings;
  }

  /**
   * Judges a record.
   *
   * @param partition index of its source partition
   * @param offset of its source record, which a receipt before the cut accounts for
   * @param number the record's among the outputs of its source; {@link #NO_NUMBER} if not known
   */
  void judge(ConsumerRecord<byte[], byte[]> record, int partition, long offset, int number) {
    SourcePartition source = index.source(partition);
    int allowed = source.early.at(offset);
    int owed = source.again.isEmpty() ? 0 : source.again.at(offset);
    if (allowed <= owed) {
      return; // a rewind gave the source record back: it may be processed again
    }
    long written = source.timed.latest(offset);
    long bound = written == Long.MIN_VALUE ? index.timedStart() : written;
    if (record.timestamp() >= bound + LATE.toMillis()) {
      findings.add(
          UNACCOUNTED,
          at(record),
          1,
          String.format(
              "comes from %s, whose receipt was written at least %d min before",
              index.position(partition, offset), (record.timestamp() - bound) / 60_000));
    } else if (number != NO_NUMBER && !isFree(partition, offset, number, 1 + owed)) {
      findings.add(
          DUPLICATED,
          at(record),
          1,
          String.format(
              "comes from %s, and so does another of its number %d",
              index.position(partition, offset), number));
    }
  }

  private boolean isFree(int partition, long offset, int number, int allowed) {
    for (int level = 0; level < allowed; level++) {
      long place = IdSet.mix(offset << 8 ^ partition) ^ (long) level << 32 ^ number;
      if (seen.add(IdSet.mix(place))) {
        return true;
      }
    }
    return false;
  }

  private static String at(ConsumerRecord<byte[], byte[]> record) {
    return record.topic() + "-" + record.partition() + "@" + record.offset();
  }
}
