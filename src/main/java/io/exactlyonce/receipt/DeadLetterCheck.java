package io.exactlyonce.receipt;

import static io.exactlyonce.receipt.Finding.Kind.DUPLICATED;
import static io.exactlyonce.receipt.Finding.Kind.LOST;
import static io.exactlyonce.receipt.Finding.Kind.UNACCOUNTED;

import java.util.BitSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** Each dead letter is listed by a receipt, and each that is listed is there, once. */
final class DeadLetterCheck implements LogReader.Visitor {
  private static final String PREFIX = "dead-letter-";

  private final Ledger ledger;
  private final SourceField source;
  private final Findings findings;
  private final BitSet[] seen;
  private long judged;
  private long later;
  private long foreign;

  DeadLetterCheck(Ledger ledger, Findings findings) {
    this.ledger = ledger;
    this.source = new SourceField(ledger.partitions());
    this.findings = findings;
    this.seen = new BitSet[ledger.partitions().size()];
    for (int p = 0; p < seen.length; p++) {
      seen[p] = new BitSet();
    }
  }

  @Override
  public boolean visit(ConsumerRecord<byte[], byte[]> record) {
    // A record that came by a retry topic says where it stood last, which is what a receipt lists.
    byte[] via = header(record, "via");
    boolean known =
        via != null
            ? source.read(via)
            : source.read(
                header(record, "topic"), header(record, "partition"), header(record, "offset"));
    if (!known) {
      foreign++;
      return true;
    }
    int p = source.partition;
    SpanTable table = ledger.table(p);
    if (!ledger.hasJudged(p)
        || source.offset < table.from(ledger.start(p))
        || source.offset >= table.end()) {
      later++;
      return true;
    }
    judged++;
    int listed = table.deadLetters().indexOf(source.offset);
    if (listed < 0) {
      add(UNACCOUNTED, record, "which no receipt lists as a dead letter");
    } else if (seen[p].get(listed)) {
      add(DUPLICATED, record, "and so does another dead letter");
    } else {
      seen[p].set(listed);
    }
    return true;
  }

  private void add(Finding.Kind kind, ConsumerRecord<byte[], byte[]> record, String why) {
    findings.add(
        kind,
        record.topic() + "-" + record.partition() + "@" + record.offset(),
        1,
        "comes from " + ledger.position(source.partition, source.offset) + ", " + why);
  }

  /**
   * To be called after the last record.
   *
   * @param horizon letters of receipts of before may have been deleted by the topic's retention
   */
  void finish(long horizon) {
    for (int p = 0; p < seen.length; p++) {
      Longs listed = ledger.table(p).deadLetters();
      for (int i = seen[p].nextClearBit(0); i < listed.size(); i = seen[p].nextClearBit(i + 1)) {
        missing(p, listed.get(i), horizon);
      }
    }
  }

  private void missing(int p, long offset, long horizon) {
    SpanTable table = ledger.table(p);
    int span = table.find(offset);
    if (ledger.hasJudged(p)
        && offset >= table.from(ledger.start(p))
        && span != SpanTable.NONE
        && ledger.millis(table.receipt(span)) >= horizon) {
      findings.add(
          LOST,
          ledger.position(p, offset),
          1,
          "receipt "
              + ledger.place(table.receipt(span))
              + " lists a dead letter that is not there");
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

  private static byte[] header(ConsumerRecord<byte[], byte[]> record, String name) {
    Header header = record.headers().lastHeader(PREFIX + name);
    return header == null ? null : header.value();
  }
}
