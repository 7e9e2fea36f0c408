package io.exactlyonce.receipt;

import static io.exactlyonce.receipt.Finding.Kind.DUPLICATED;
import static io.exactlyonce.receipt.Finding.Kind.LOST;
import static io.exactlyonce.receipt.Finding.Kind.OUT_OF_ORDER;
import static io.exactlyonce.receipt.Finding.Kind.UNACCOUNTED;

import io.exactlyonce.config.OutputHeaderNames;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * The outputs in one sink: each belongs to one receipt, none is there twice or out of order, and
 * each receipt finds as many as it counts.
 */
final class OutputCheck implements LogReader.Visitor {
  /** Of outputs whose number nobody knows: then several may come from one record. */
  private static final int ANY_NUMBER = 0;

  private final String sink;
  private final boolean mayRepeat;
  private final OutputHeaderNames names;
  private final Ledger ledger;
  private final SourceField source;
  private final Findings findings;
  private final IdSet ids = new IdSet();
  private final int[] found;
  private OutputOrder[] orders = new OutputOrder[0];
  private long judged;
  private long later;
  private long foreign;

  OutputCheck(
      String sink, boolean mayRepeat, OutputHeaderNames names, Ledger ledger, Findings findings) {
    this.sink = sink;
    this.mayRepeat = mayRepeat;
    this.names = names;
    this.ledger = ledger;
    this.source = new SourceField(ledger.partitions());
    this.findings = findings;
    this.found = new int[ledger.receipts()];
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
    SpanTable table = ledger.table(partition);
    if (table.isEmpty() || offset < table.first() || offset >= table.end()) {
      later++;
      return true;
    }
    int span = table.find(offset);
    boolean isJudged = ledger.hasJudged(partition) && offset >= table.from(ledger.start(partition));
    if (isJudged) {
      judged++;
    } else {
      later++;
    }
    boolean counts = isJudged ? judge(record, table, span, partition, offset) : span >= 0;
    if (counts) {
      found[table.receipt(span)]++;
    }
    return true;
  }

  /** Whether it is one of the outputs that its receipt counts. */
  private boolean judge(
      ConsumerRecord<byte[], byte[]> record,
      SpanTable table,
      int span,
      int partition,
      long offset) {
    if (span == SpanTable.NONE) {
      return unaccounted(record, partition, offset, "which is in no receipt");
    }
    if (table.isDuplicate(offset)) {
      return unaccounted(record, partition, offset, "which its receipt lists as a duplicate");
    }
    if (table.isDeadLetter(offset)) {
      return unaccounted(record, partition, offset, "which its receipt lists as a dead letter");
    }
    if (!names.hasEventId()) {
      return inOrder(record, partition, offset, ANY_NUMBER);
    }
    Header header = record.headers().lastHeader(names.eventId());
    if (header == null || header.value() == null) {
      return unaccounted(record, partition, offset, "and has no event id");
    }
    byte[] id = header.value();
    if (!mayRepeat && !ids.add(IdSet.hash(id, 0))) {
      String text = new String(id, StandardCharsets.UTF_8);
      findings.add(
          DUPLICATED,
          at(record),
          1,
          "the event id "
              + text
              + " is in "
              + sink
              + " a second time, from "
              + ledger.position(partition, offset));
      return false;
    }
    return inOrder(record, partition, offset, number(id));
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
    } else if (before == offset && names.hasEventId()) {
      findings.add(
          DUPLICATED,
          at(record),
          1,
          "is a second output " + number + " of " + ledger.position(partition, offset));
      return false;
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
   * @param horizon receipts of before may count outputs that the topic's retention has deleted
   */
  void finish(long horizon) {
    for (int receipt = 0; receipt < found.length; receipt++) {
      long expected = ledger.expected(sink, receipt);
      if (found[receipt] == expected
          || !ledger.isCountable(receipt)
          || ledger.millis(receipt) < horizon) {
        continue;
      }
      findings.add(
          found[receipt] < expected ? LOST : UNACCOUNTED,
          ledger.where(receipt),
          Math.abs(expected - found[receipt]),
          String.format(
              "receipt %s counts %d outputs to %s, and %d are there",
              ledger.place(receipt), expected, sink, found[receipt]));
    }
  }

  long judged() {
    return judged;
  }

  long later() {
    return later;
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

  /** The number in {@code <id>/<number>}; -1 where there is none. */
  private static int number(byte[] id) {
    int slash = SourceField.lastIndex(id, '/', id.length);
    return (int) Math.min(Integer.MAX_VALUE, SourceField.number(id, slash + 1, id.length));
  }

  private static String at(ConsumerRecord<byte[], byte[]> record) {
    return record.topic() + "-" + record.partition() + "@" + record.offset();
  }
}
