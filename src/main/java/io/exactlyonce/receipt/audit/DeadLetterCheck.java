package io.exactlyonce.receipt.audit;

import static io.exactlyonce.receipt.audit.report.Finding.Kind.DUPLICATED;
import static io.exactlyonce.receipt.audit.report.Finding.Kind.LOST;
import static io.exactlyonce.receipt.audit.report.Finding.Kind.UNACCOUNTED;

import io.exactlyonce.receipt.LogReader;
import io.exactlyonce.receipt.audit.report.Finding;
import io.exactlyonce.receipt.audit.report.Findings;
import io.exactlyonce.receipt.table.LongArray;
import io.exactlyonce.receipt.table.PartitionReceipts;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** Checks that each dead letter is listed by a receipt, and that each one listed is there, once. */
final class DeadLetterCheck implements LogReader.Visitor {
  private static final String PREFIX = "dead-letter-";

  private final String topic;
  private final byte[] group;
  private final ReceiptIndex index;
  private final SourcePositionHeader source;
  private final Beyond beyond;
  private final Astray astray;
  private final Trim trim;
  private final BeforeCut beforeCut;
  private final Findings findings;
  private final BitSet[] seen;
  private long judged;
  private long later;
  private long foreign;
  private long earlier;

  DeadLetterCheck(
      AuditScope scope,
      ReceiptIndex index,
      Beyond beyond,
      Astray astray,
      Trim trim,
      Findings findings) {
    this.topic = scope.deadLetters();
    this.group = scope.group().getBytes(StandardCharsets.UTF_8);
    this.index = index;
    this.source = new SourcePositionHeader(index.partitions(), index.topicIds(), scope.group());
    this.beyond = beyond;
    this.astray = astray;
    this.trim = trim;
    this.beforeCut = new BeforeCut(index, findings);
    this.findings = findings;
    this.seen = new BitSet[index.partitions().size()];
    for (int p = 0; p < seen.length; p++) {
      seen[p] = new BitSet();
    }
  }

  @Override
  public boolean visit(ConsumerRecord<byte[], byte[]> record) {
    Own own = Own.of(record);
    boolean isForeign = own.group != null && !java.util.Arrays.equals(own.group, group);
    SourcePositionHeader.Reading read =
        isForeign ? SourcePositionHeader.Reading.FOREIGN : own.read(source);
    if (read == SourcePositionHeader.Reading.FOREIGN) {
      foreign++;
      return true;
    }
    boolean isAstray = read == SourcePositionHeader.Reading.ASTRAY;
    if (own.isEarlier(index)
        || (!isAstray && source.lineage == SourcePositionHeader.Lineage.EARLIER)
        || (isAstray && index.madeAnew().containsKey(source.topic))) {
      earlier++;
      return true;
    }
    if (isAstray) {
      later++;
      astray.add(source.topic, source.number, at(record));
      return true;
    }
    int p = source.partition;
    SourcePartition known = index.source(p);
    trim.postRead(record, p, source.offset);
    if (known.table.find(source.offset) == PartitionReceipts.NONE) {
      withoutReceipt(record, known);
      return true;
    }
    judged++;
    int listed = known.table.deadLetters().firstAt(source.offset);
    if (listed < 0) {
      add(UNACCOUNTED, record, "which no receipt lists as a dead letter");
      return true;
    }
    int free = seen[p].nextClearBit(listed);
    boolean isFree =
        free < known.table.deadLetters().size()
            && known.table.deadLetters().get(free) == source.offset;
    if (isFree) {
      seen[p].set(free);
    } else {
      add(DUPLICATED, record, "and so does another dead letter");
    }
    return true;
  }

  private void withoutReceipt(ConsumerRecord<byte[], byte[]> record, SourcePartition known) {
    long offset = source.offset;
    if (known.covers(offset)) {
      later++;
      beforeCut.judge(record, source.partition, offset, 0);
    } else if (!known.unjudged.isEmpty() && known.unjudged.at(offset) > 0) {
      later++;
    } else if (offset >= known.end()) {
      later++;
      beyond.add(source.partition, offset, at(record));
    } else {
      judged++;
      add(UNACCOUNTED, record, "which is in no receipt");
    }
  }

  private void add(Finding.Kind kind, ConsumerRecord<byte[], byte[]> record, String why) {
    findings.add(
        kind,
        at(record),
        1,
        "comes from " + index.position(source.partition, source.offset) + ", " + why);
  }

  private static String at(ConsumerRecord<byte[], byte[]> record) {
    return record.topic() + "-" + record.partition() + "@" + record.offset();
  }

  /**
   * Reports letters that are listed and not there; to be called after the last record.
   *
   * @param isCompacted whether the topic is compacted, and so may have lost letters whose key came
   *     again
   */
  void finish(boolean isCompacted) {
    if (earlier > 0) {
      findings.unjudged(topic, earlier + " letters come from a source topic that was deleted");
    }
    long unknown = 0;
    for (int p = 0; p < seen.length; p++) {
      LongArray listed = index.table(p).deadLetters();
      for (int i = seen[p].nextClearBit(0); i < listed.size(); i = seen[p].nextClearBit(i + 1)) {
        unknown += isCompacted || !missing(p, listed.get(i)) ? 1 : 0;
      }
    }
    if (unknown > 0) {
      findings.unjudged(
          topic, unknown + " letters that receipts list are not there: they may have been deleted");
    }
  }

  /** Adds a finding for a letter that is not there; false where it may have been deleted. */
  private boolean missing(int p, long offset) {
    PartitionReceipts table = index.table(p);
    int receipt = table.receipt(table.find(offset));
    if (!trim.isWhole(p, offset, index.millis(receipt))) {
      return false;
    }
    findings.add(
        LOST,
        index.position(p, offset),
        1,
        "receipt " + index.place(receipt) + " lists a dead letter that is not there");
    return true;
  }

  long judged() {
    return judged;
  }

  long later() {
    return later + earlier;
  }

  long foreign() {
    return foreign;
  }

  /**
   * The headers that were added for this letter. Where the record was a dead letter before, that
   * letter's headers stand in front; they belong to the record and are skipped.
   */
  private static final class Own {
    byte @Nullable [] topic;
    byte @Nullable [] topicId;
    byte @Nullable [] partition;
    byte @Nullable [] offset;
    byte @Nullable [] via;
    byte @Nullable [] group;

    static Own of(ConsumerRecord<byte[], byte[]> record) {
      Own own = new Own();
      for (Header header : record.headers()) {
        switch (header.key()) {
          case PREFIX + "topic" -> {
            own = new Own();
            own.topic = header.value();
          }
          case PREFIX + "topic-id" -> own.topicId = header.value();
          case PREFIX + "partition" -> own.partition = header.value();
          case PREFIX + "offset" -> own.offset = header.value();
          case PREFIX + "via" -> own.via = header.value();
          case PREFIX + "group" -> own.group = header.value();
          default -> {
            // not one of a dead letter's headers
          }
        }
      }
      return own;
    }

    /**
     * Reads the letter's source position. For a record that came from a retry topic that is its
     * position there, as in its receipt.
     */
    SourcePositionHeader.Reading read(SourcePositionHeader source) {
      return via != null
          ? source.read(via, group != null)
          : source.read(topic, partition, offset, group != null);
    }

    /**
     * Whether the letter's source is an earlier topic of its name, by the topic id. Letters from a
     * retry topic do not carry that topic's id.
     */
    boolean isEarlier(ReceiptIndex index) {
      if (via != null || topicId == null || topic == null) {
        return false;
      }
      String id = new String(topicId, StandardCharsets.UTF_8);
      Uuid now = index.topicIds().get(new String(topic, StandardCharsets.UTF_8));
      return now != null && !id.equals(now.toString()) && !id.equals(Uuid.ZERO_UUID.toString());
    }
  }
}
