package io.exactlyonce.receipt.audit;

import static io.exactlyonce.receipt.audit.report.Finding.Kind.DUPLICATED;
import static io.exactlyonce.receipt.audit.report.Finding.Kind.OUT_OF_ORDER;
import static io.exactlyonce.receipt.audit.report.Finding.Kind.UNACCOUNTED;

import io.exactlyonce.config.value.OutputHeaderNames;
import io.exactlyonce.receipt.LogReader;
import io.exactlyonce.receipt.audit.report.Findings;
import io.exactlyonce.receipt.table.PartitionReceipts;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * Checks the outputs in one sink: each comes from one record that was processed by a receipt, none
 * is there twice or out of order, and there are as many of each receipt as it counts.
 */
final class OutputCheck implements LogReader.Visitor {
  /** Number of outputs without event ids. Several outputs of one record then have it. */
  private static final int ANY_NUMBER = 0;

  private final OutputHeaderNames names;
  private final ReceiptIndex index;
  private final SourcePositionHeader source;
  private final SourceRecords records;
  private final Beyond beyond;
  private final Astray astray;
  private final Findings findings;
  private final BeforeCut beforeCut;
  private final OutputCounts counts;
  private OutputOrder[] orders = new OutputOrder[0];
  private long judged;
  private long later;
  private long foreign;
  private long earlier;
  private long nameless;

  OutputCheck(
      AuditScope scope,
      ReceiptIndex index,
      SourceRecords records,
      Beyond beyond,
      Astray astray,
      OutputCounts counts,
      Findings findings) {
    this.names = scope.headers();
    this.index = index;
    this.source = new SourcePositionHeader(index.partitions(), index.topicIds(), scope.group());
    this.records = records;
    this.beyond = beyond;
    this.astray = astray;
    this.findings = findings;
    this.beforeCut = new BeforeCut(index, findings);
    this.counts = counts;
  }

  @Override
  public boolean visit(ConsumerRecord<byte[], byte[]> record) {
    Header position = record.headers().lastHeader(names.sourcePosition());
    SourcePositionHeader.Reading read =
        position == null || position.value() == null
            ? SourcePositionHeader.Reading.FOREIGN
            : source.read(position.value(), false);
    if (read == SourcePositionHeader.Reading.FOREIGN) {
      foreign++;
      return true;
    }
    if (read == SourcePositionHeader.Reading.ASTRAY) {
      astray(record);
      return true;
    }
    int partition = source.partition;
    long offset = source.offset;
    if (source.lineage == SourcePositionHeader.Lineage.EARLIER) {
      earlier++;
      return true;
    }
    counts.trim().postRead(record, partition, offset);
    SourcePartition known = index.source(partition);
    int span = known.table.find(offset);
    if (source.lineage == SourcePositionHeader.Lineage.UNKNOWN && index.isMadeAnew(partition)) {
      nameless++;
      if (span != PartitionReceipts.NONE) {
        index.groups().blur(known.table.receipt(span));
      }
      return true;
    }
    if (span == PartitionReceipts.NONE) {
      withoutReceipt(record, known, partition, offset);
      return true;
    }
    judged++;
    if (judge(record, known, span, partition, offset)) {
      counts.add(known.table.receipt(span));
      records.addToSums(partition, span, offset, record);
    }
    return true;
  }

  private void astray(ConsumerRecord<byte[], byte[]> record) {
    boolean isUnknown = source.lineage == SourcePositionHeader.Lineage.UNKNOWN;
    if (isUnknown && index.madeAnew().containsKey(source.topic)) {
      nameless++;
    } else {
      later++;
      astray.add(source.topic, source.number, at(record));
    }
  }

  private void withoutReceipt(
      ConsumerRecord<byte[], byte[]> record, SourcePartition known, int partition, long offset) {
    if (known.covers(offset)) {
      later++;
      beforeCut.judge(record, partition, offset, number(record));
    } else if (!known.unjudged.isEmpty() && known.unjudged.at(offset) > 0) {
      later++;
    } else if (offset >= known.end()) {
      later++;
      beyond.add(partition, offset, at(record));
    } else {
      judged++;
      unaccounted(record, partition, offset, "which is in no receipt");
    }
  }

  /** Whether the output is one of those that its receipt counts. */
  private boolean judge(
      ConsumerRecord<byte[], byte[]> record,
      SourcePartition known,
      int span,
      int partition,
      long offset) {
    boolean isShared = known.overlapping.get(span);
    int duplicate = known.table.timesDuplicate(offset);
    int times = isShared ? known.covering(offset) : 1;
    int processed = times - duplicate - known.table.timesDeadLetter(offset);
    if (processed <= 0) {
      String what = duplicate > 0 ? "duplicate" : "dead letter";
      return unaccounted(record, partition, offset, "which its receipt lists as a " + what);
    }
    if (!names.hasEventId()) {
      records.find(partition, offset, ANY_NUMBER, 1);
      return inOrder(record, known, isShared, ANY_NUMBER);
    }
    Header header = record.headers().lastHeader(names.eventId());
    if (header == null || header.value() == null) {
      return unaccounted(record, partition, offset, "and has no event id");
    }
    byte[] id = header.value();
    int slash = SourcePositionHeader.lastIndex(id, '/', id.length);
    int number = number(record);
    if (number < 0) {
      return unaccounted(record, partition, offset, "and its event id has no number");
    }
    if (!records.isIdOf(partition, offset, id, slash)) {
      return unaccounted(record, partition, offset, "whose event id is another: " + text(id));
    }
    return once(record, known, processed, number) && inOrder(record, known, isShared, number);
  }

  /** The output's number, behind the last slash of its event id; negative where it has none. */
  private int number(ConsumerRecord<byte[], byte[]> record) {
    Header header = names.hasEventId() ? record.headers().lastHeader(names.eventId()) : null;
    if (header == null || header.value() == null) {
      return BeforeCut.NO_NUMBER;
    }
    byte[] id = header.value();
    int slash = SourcePositionHeader.lastIndex(id, '/', id.length);
    return slash < 0
        ? BeforeCut.NO_NUMBER
        : (int) Math.min(Integer.MAX_VALUE, SourcePositionHeader.number(id, slash + 1, id.length));
  }

  /** Whether there are no more outputs of this number than receipts that processed the record. */
  private boolean once(
      ConsumerRecord<byte[], byte[]> record, SourcePartition known, int processed, int number) {
    long offset = source.offset;
    int allowed = known.again.isEmpty() ? 1 : Math.min(processed, 1 + known.again.at(offset));
    int before = records.find(source.partition, offset, number, processed);
    if (before >= allowed && isOwed(known, offset)) {
      later++;
      beyond.add(source.partition, offset, at(record));
    } else if (before >= allowed) {
      findings.add(
          DUPLICATED,
          at(record),
          1,
          String.format(
              "the event id %s is in %s a second time, from %s",
              text(record.headers().lastHeader(names.eventId()).value()),
              counts.sink(),
              index.position(source.partition, offset)));
    }
    return before < processed;
  }

  /** Whether a rewind gave the record back and no receipt holds it again yet. */
  private static boolean isOwed(SourcePartition known, long offset) {
    return !known.again.isEmpty() && known.covering(offset) <= known.again.at(offset);
  }

  /**
   * Judges the output's order, except where receipts overlap more often than rewinds explain: that
   * is a finding already. Always true.
   */
  private boolean inOrder(
      ConsumerRecord<byte[], byte[]> record, SourcePartition known, boolean isShared, int number) {
    if (isShared && known.isDoubled) {
      return true;
    }
    int partition = source.partition;
    long offset = source.offset;
    int steps = !known.again.isEmpty() && known.again.at(offset) > 0 ? known.rewinds : 0;
    long before = order(record.partition()).pass(partition, number, offset, steps);
    if (before > offset) {
      findings.add(
          OUT_OF_ORDER,
          at(record),
          1,
          "comes from " + index.position(partition, offset) + ", after one from " + before);
    }
    return true;
  }

  private boolean unaccounted(
      ConsumerRecord<byte[], byte[]> record, int partition, long offset, String why) {
    findings.add(
        UNACCOUNTED, at(record), 1, "comes from " + index.position(partition, offset) + ", " + why);
    return false;
  }

  /**
   * Judges the counts; to be called after the last record.
   *
   * @param isCompacted whether the sink is compacted, and so may have lost outputs whose key came
   *     again
   * @param wrong gets the receipts whose counts do not agree
   */
  void finish(boolean isCompacted, BitSet wrong) {
    if (earlier > 0) {
      findings.unjudged(
          counts.sink(), earlier + " outputs come from a source topic that was deleted");
    }
    if (nameless > 0) {
      findings.unjudged(
          counts.sink(),
          nameless + " outputs do not say whether they come from a source topic that was deleted");
    }
    index.groups().spread();
    counts.judge(isCompacted, wrong);
  }

  long judged() {
    return judged;
  }

  long later() {
    return later + earlier + nameless;
  }

  long foreign() {
    return foreign;
  }

  private OutputOrder order(int sinkPartition) {
    if (sinkPartition >= orders.length) {
      orders = Arrays.copyOf(orders, sinkPartition + 1);
    }
    if (orders[sinkPartition] == null) {
      orders[sinkPartition] = new OutputOrder(index.partitions().size());
    }
    return orders[sinkPartition];
  }

  private static String text(byte[] id) {
    return new String(id, StandardCharsets.UTF_8);
  }

  private static String at(ConsumerRecord<byte[], byte[]> record) {
    return record.topic() + "-" + record.partition() + "@" + record.offset();
  }
}
