package io.exactlyonce.receipt;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * All receipts that were read, by source partition. Receipts are numbered as they come; a number
 * stands for a receipt everywhere in the audit.
 */
final class Ledger {
  private final String topic;
  private final Map<String, Uuid> topicIds;
  private final List<TopicPartition> partitions;
  private final Map<TopicPartition, Integer> indexes = new HashMap<>();
  private final SpanTable[] tables;
  private final int[] starts;
  private final Longs millis = new Longs();
  private final Longs places = new Longs();
  private final Map<String, Longs> expected = new HashMap<>();
  private final Set<String> strangers = new TreeSet<>();
  private final BitSet uncountable = new BitSet();
  private final BitSet early = new BitSet();
  private final Findings findings;
  private long[] firstSpans;

  /**
   * @param topic of the receipts
   * @param topicIds the source topics as they are now: a receipt of an earlier topic of that name
   *     says nothing of this one
   */
  Ledger(
      String topic,
      Map<String, Uuid> topicIds,
      List<TopicPartition> partitions,
      Findings findings) {
    this.topic = topic;
    this.topicIds = topicIds;
    this.partitions = partitions;
    this.findings = findings;
    this.tables = new SpanTable[partitions.size()];
    this.starts = new int[partitions.size()];
    for (int i = 0; i < tables.length; i++) {
      tables[i] = new SpanTable();
      indexes.put(partitions.get(i), i);
    }
  }

  void add(ConsumerRecord<byte[], byte[]> record) {
    Receipt receipt;
    try {
      receipt = ReceiptReader.read(record.value());
    } catch (IllegalArgumentException | NullPointerException e) {
      findings.add(
          Finding.Kind.UNACCOUNTED,
          topic + "-" + record.partition() + "@" + record.offset(),
          1,
          "is no receipt that this audit can read: " + e.getMessage());
      return;
    }
    int number = millis.size();
    millis.add(receipt.millis());
    places.add((long) record.partition() << 48 | record.offset());
    for (Receipt.Span span : receipt.spans()) {
      add(span, number);
    }
    for (Receipt.Decision decision : receipt.decisions()) {
      findings.note(
          String.format(
              "an operator decided: %s of %s, because: %s",
              decision.done(), decision.at(), decision.why()));
    }
    receipt
        .outputs()
        .forEach(
            (sink, count) -> {
              Longs counts = expected.computeIfAbsent(sink, name -> new Longs());
              while (counts.size() < number) {
                counts.add(0);
              }
              counts.add(count);
            });
  }

  private void add(Receipt.Span span, int number) {
    Integer index = indexes.get(new TopicPartition(span.topic(), span.partition()));
    Uuid id = topicIds.get(span.topic());
    if (index != null && (span.topicId().equals(id) || span.topicId().equals(Uuid.ZERO_UUID))) {
      tables[index].add(span, number);
    } else {
      // Its outputs cannot be told from others, so the receipt's counts cannot be met.
      uncountable.set(number);
      strangers.add(index == null ? span.topic() : "an earlier " + span.topic());
    }
  }

  /**
   * @param cut receipts handed over before this, in ms since the epoch, and what they join to are
   *     known but not judged
   */
  void seal(long cut) {
    early.clear();
    firstSpans = null;
    for (int t = 0; t < tables.length; t++) {
      SpanTable table = tables[t];
      table.seal();
      starts[t] = 0;
      for (int i = 0; i < table.size(); i++) {
        if (millis.get(table.receipt(i)) < cut) {
          starts[t] = i + 1;
        }
      }
      for (int i = 0; i < starts[t]; i++) {
        early.set(table.receipt(i));
      }
    }
  }

  /** The lowest time of a receipt; the present where there is none. */
  long oldestMillis() {
    long oldest = Long.MAX_VALUE;
    for (int i = 0; i < millis.size(); i++) {
      oldest = Math.min(oldest, millis.get(i));
    }
    return oldest;
  }

  List<TopicPartition> partitions() {
    return partitions;
  }

  SpanTable table(int partition) {
    return tables[partition];
  }

  /** Index of the first span that is judged; the table's size where none is. */
  int start(int partition) {
    return starts[partition];
  }

  boolean hasJudged(int partition) {
    return starts[partition] < tables[partition].size();
  }

  int receipts() {
    return millis.size();
  }

  int judgedReceipts() {
    return millis.size() - early.cardinality();
  }

  /** Two receipts claim the same offsets: which of them an output belongs to cannot be told. */
  void markUncountable(int receipt) {
    uncountable.set(receipt);
  }

  boolean isCountable(int receipt) {
    return !uncountable.get(receipt) && !early.get(receipt);
  }

  long millis(int receipt) {
    return millis.get(receipt);
  }

  long expected(String sink, int receipt) {
    Longs counts = expected.get(sink);
    return counts == null || receipt >= counts.size() ? 0 : counts.get(receipt);
  }

  /** Topics that receipts count outputs in. */
  Set<String> sinks() {
    return expected.keySet();
  }

  /** Source topics that receipts name and the audit was not told of. */
  Set<String> strangers() {
    return strangers;
  }

  String place(int receipt) {
    long place = places.get(receipt);
    return topic + "-" + (place >>> 48) + "@" + (place & 0xFFFF_FFFF_FFFFL);
  }

  String position(int partition, long offset) {
    return partitions.get(partition) + "@" + offset;
  }

  /** Where a receipt's first span begins. */
  String where(int receipt) {
    if (firstSpans == null) {
      firstSpans = new long[millis.size()];
      for (int t = tables.length - 1; t >= 0; t--) {
        for (int i = tables[t].size() - 1; i >= 0; i--) {
          firstSpans[tables[t].receipt(i)] = (long) t << 32 | i;
        }
      }
    }
    int partition = (int) (firstSpans[receipt] >>> 32);
    return position(partition, tables[partition].from((int) firstSpans[receipt]));
  }
}
