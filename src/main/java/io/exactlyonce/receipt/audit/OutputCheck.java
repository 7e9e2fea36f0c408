package io.exactlyonce.receipt.audit;

import static io.exactlyonce.receipt.audit.Finding.Kind.DUPLICATED;
import static io.exactlyonce.receipt.audit.Finding.Kind.LOST;
import static io.exactlyonce.receipt.audit.Finding.Kind.OUT_OF_ORDER;
import static io.exactlyonce.receipt.audit.Finding.Kind.UNACCOUNTED;

import io.exactlyonce.config.OutputHeaderNames;
import io.exactlyonce.receipt.LogReader;
import io.exactlyonce.receipt.SpanTable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * The outputs in one sink: each belongs to one record that a receipt says was processed, none is
 * there twice or out of order, and each receipt finds as many as it counts.
 */
final class OutputCheck implements LogReader.Visitor {
  /** Of outputs whose number nobody knows: then several may come from one record. */
  private static final int ANY_NUMBER = 0;

  private final String sink;
  private final OutputHeaderNames names;
  private final Ledger ledger;
  private final SourceField source;
  private final SourceRecords records;
  private final Beyond beyond;
  private final Trim trim;
  private final Findings findings;
  private final long[] found;
  private OutputOrder[] orders = new OutputOrder[0];
  private long judged;
  private long later;
  private long foreign;
  private long earlier;
  private long nameless;

  OutputCheck(
      String sink,
      AuditScope scope,
      Ledger ledger,
      SourceRecords records,
      Beyond beyond,
      Trim trim,
      Findings findings) {
    this.sink = sink;
    this.names = scope.headers();
    this.ledger = ledger;
    this.source = new SourceField(ledger.partitions(), ledger.topicIds(), scope.group());
    this.records = records;
    this.beyond = beyond;
    this.trim = trim;
    this.findings = findings;
    this.found = new long[ledger.receipts()];
  }

  @Override
  public boolean visit(ConsumerRecord<byte[], byte[]> record) {
    Header position = record.headers().lastHeader(names.sourcePosition());
    if (position == null || position.value() == null || !source.read(position.value())) {
      foreign++;
      return true;
    }
    int partition = source.partition;
    long offset = source.offset;
    if (source.lineage == SourceField.Lineage.EARLIER) {
      earlier++;
      return true;
    }
    trim.postRead(record, partition, offset);
    SourcePartition known = ledger.source(partition);
    int span = known.table.find(offset);
    if (span == SpanTable.NONE) {
      withoutReceipt(record, known, partition, offset);
      return true;
    }
    if (source.lineage == SourceField.Lineage.UNKNOWN && ledger.isMadeAnew(partition)) {
      nameless++;
      ledger.markUncountable(known.table.receipt(span));
      return true;
    }
    judged++;
    if (judge(record, known, span, partition, offset)) {
      found[known.table.receipt(span)]++;
      records.addToSum(partition, span, offset, sink);
    }
    return true;
  }

  private void withoutReceipt(
      ConsumerRecord<byte[], byte[]> record, SourcePartition known, int partition, long offset) {
    if (known.covers(offset) || !known.unjudged.isEmpty() && known.unjudged.at(offset) > 0) {
      later++;
    } else if (offset >= known.end()) {
      later++;
      beyond.add(partition, offset, at(record));
    } else {
      judged++;
      unaccounted(record, partition, offset, "which is in no receipt");
    }
  }

  /** Whether it is one of the outputs that its receipt counts. */
  private boolean judge(
      ConsumerRecord<byte[], byte[]> record,
      SourcePartition known,
      int span,
      int partition,
      long offset) {
    boolean isShared = known.overlapping.get(span);
    if (!isShared && known.table.isDuplicate(offset)) {
      return unaccounted(record, partition, offset, "which its receipt lists as a duplicate");
    }
    if (!isShared && known.table.isDeadLetter(offset)) {
      return unaccounted(record, partition, offset, "which its receipt lists as a dead letter");
    }
    if (!names.hasEventId()) {
      records.find(partition, offset, ANY_NUMBER, 1);
      return isShared || inOrder(record, partition, offset, ANY_NUMBER);
    }
    Header header = record.headers().lastHeader(names.eventId());
    if (header == null || header.value() == null) {
      return unaccounted(record, partition, offset, "and has no event id");
    }
    byte[] id = header.value();
    int slash = SourceField.lastIndex(id, '/', id.length);
    int number = (int) Math.min(Integer.MAX_VALUE, SourceField.number(id, slash + 1, id.length));
    if (slash < 0 || number < 0) {
      return unaccounted(record, partition, offset, "and its event id has no number");
    }
    if (!records.isIdOf(partition, offset, id, slash)) {
      return unaccounted(record, partition, offset, "whose event id is another: " + text(id));
    }
    return once(record, known, isShared, number)
        && (isShared || inOrder(record, partition, offset, number));
  }

  /** Whether there are no more of this number than receipts that account for the record. */
  private boolean once(
      ConsumerRecord<byte[], byte[]> record, SourcePartition known, boolean isShared, int number) {
    long offset = source.offset;
    int covering = isShared ? known.covering(offset) : 1;
    int allowed = known.again.isEmpty() ? 1 : Math.min(covering, 1 + known.again.at(offset));
    int before = records.find(source.partition, offset, number, covering);
    if (before >= allowed) {
      findings.add(
          DUPLICATED,
          at(record),
          1,
          String.format(
              "the event id %s is in %s a second time, from %s",
              text(record.headers().lastHeader(names.eventId()).value()),
              sink,
              ledger.position(source.partition, offset)));
    }
    return before < covering;
  }

  private boolean inOrder(
      ConsumerRecord<byte[], byte[]> record, int partition, long offset, int number) {
    long before = order(record.partition()).pass(partition, number, offset);
    if (before > offset) {
      findings.add(
          OUT_OF_ORDER,
          at(record),
          1,
          "comes from " + ledger.position(partition, offset) + ", after one from " + before);
    }
    return true;
  }

  private boolean unaccounted(
      ConsumerRecord<byte[], byte[]> record, int partition, long offset, String why) {
    findings.add(
        UNACCOUNTED,
        at(record),
        1,
        "comes from " + ledger.position(partition, offset) + ", " + why);
    return false;
  }

  /**
   * To be called after the last record.
   *
   * @param isCompacted whether the topic loses outputs whose key comes again
   * @param wrong is told which receipts do not find what they count
   */
  void finish(boolean isCompacted, BitSet wrong) {
    if (earlier > 0) {
      findings.unjudged(sink, earlier + " outputs come from a source topic that was deleted");
    }
    if (nameless > 0) {
      findings.unjudged(
          sink,
          nameless + " outputs do not say whether they come from a source topic that was deleted");
    }
    BitSet unknown = unknown();
    if (!unknown.isEmpty()) {
      findings.unjudged(
          sink, "its beginning was deleted: " + unknown.cardinality() + " receipts are older");
    }
    long[] expected = new long[found.length];
    for (int receipt = found.length - 1; receipt >= 0; receipt--) {
      expected[receipt] += ledger.expected(sink, receipt);
      int group = ledger.group(receipt);
      if (group != receipt) {
        expected[group] += expected[receipt];
        found[group] += found[receipt];
        expected[receipt] = 0;
        found[receipt] = 0;
      }
    }
    for (int receipt = 0; receipt < found.length; receipt++) {
      boolean isFewer = found[receipt] < expected[receipt];
      boolean isMore = found[receipt] > expected[receipt];
      if (ledger.isCountable(receipt)
          && (isMore || isFewer && !isCompacted && !unknown.get(receipt))) {
        wrong.set(receipt);
        count(receipt, expected[receipt]);
      }
      if (unknown.get(receipt)) {
        wrong.set(receipt); // not to be judged record by record either
      }
    }
  }

  private void count(int receipt, long expected) {
    findings.add(
        found[receipt] < expected ? LOST : UNACCOUNTED,
        ledger.where(receipt),
        Math.abs(expected - found[receipt]),
        String.format(
            "receipt %s counts %d outputs to %s, and %d are there",
            ledger.place(receipt), expected, sink, found[receipt]));
  }

  /** Receipts that may count outputs which were deleted. */
  private BitSet unknown() {
    BitSet unknown = new BitSet();
    if (trim.isEmpty()) {
      return unknown;
    }
    for (int p = 0; p < ledger.partitions().size(); p++) {
      SpanTable table = ledger.table(p);
      for (int i = 0; i < table.size(); i++) {
        int receipt = table.receipt(i);
        if (ledger.expected(sink, receipt) > 0
            && !trim.isWhole(p, table.from(i), ledger.millis(receipt))) {
          unknown.set(receipt);
          unknown.set(ledger.group(receipt));
        }
      }
    }
    return unknown;
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
      orders[sinkPartition] = new OutputOrder(ledger.partitions().size());
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
