package io.exactlyonce.receipt.audit;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.receipt.Generation;
import io.exactlyonce.receipt.LossAcceptance;
import io.exactlyonce.receipt.Receipt;
import io.exactlyonce.receipt.ReceiptReader;
import io.exactlyonce.receipt.audit.report.Finding;
import io.exactlyonce.receipt.audit.report.Findings;
import io.exactlyonce.receipt.table.LongArray;
import io.exactlyonce.receipt.table.PartitionReceipts;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * All receipts that were read, by source partition. Those that are judged are numbered as they
 * come; a number stands for a receipt everywhere in the audit. Of those before the cut only what
 * they cover is kept.
 */
final class ReceiptIndex {
  /** {@link Receipt.Decision#done} of a receipt that takes the group back. */
  static final String REWIND = "rewind";

  private final String topic;
  private final Map<String, Uuid> topicIds;
  private final List<TopicPartition> partitions;
  private final long cut;
  private final Duration window;
  private final Map<TopicPartition, Integer> indexes = new HashMap<>();
  private final SourcePartition[] sources;
  private final LongArray millis = new LongArray();
  private final LongArray places = new LongArray();
  private final BitSet losses = new BitSet();
  private final Map<String, LongArray> expected = new TreeMap<>();
  private final Set<String> strangers = new TreeSet<>();
  private final Map<String, Long> madeAnew = new TreeMap<>();
  private final ReceiptGroups groups = new ReceiptGroups();
  private final Generations generations;
  private final Findings findings;
  private long all;
  private long horizon = Long.MIN_VALUE;
  private long @Nullable [] firstSpans;

  /**
   * @param topic of the receipts
   * @param topicIds the source topics as they are now: a receipt of an earlier topic of that name
   *     says nothing of this one
   * @param cut receipts written before this, in ms since the epoch, are not judged
   * @param window of the guard: for so long before the cut it is kept when receipts were written
   */
  ReceiptIndex(
      String topic,
      Map<String, Uuid> topicIds,
      List<TopicPartition> partitions,
      long cut,
      Duration window,
      Findings findings) {
    this.topic = topic;
    this.topicIds = topicIds;
    this.partitions = partitions;
    this.cut = cut;
    this.window = window;
    this.findings = findings;
    this.generations = new Generations(this, findings);
    this.sources = new SourcePartition[partitions.size()];
    for (int i = 0; i < sources.length; i++) {
      sources[i] = new SourcePartition();
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
    all++;
    boolean isJudged = receipt.millis() >= cut;
    int number = millis.size();
    if (isJudged) {
      millis.add(receipt.millis());
      places.add((long) record.partition() << 48 | record.offset());
      addOutputs(receipt, number);
      losses.set(number, isLoss(receipt));
    }
    boolean isRewind =
        receipt.decisions().stream().anyMatch(decision -> decision.done().equals(REWIND));
    for (Receipt.Span span : receipt.spans()) {
      add(span, receipt.millis(), isJudged, isRewind, number);
    }
    generations.add(receipt, record, isJudged ? number : -1);
    for (Receipt.Decision decision : receipt.decisions()) {
      if (isJudged && !decision.done().equals(Generation.DONE)) {
        findings.note(
            String.format(
                "an operator decided: %s of %s, because: %s",
                decision.done(), decision.at(), decision.why()));
      }
    }
  }

  private static boolean isLoss(Receipt receipt) {
    return receipt.decisions().stream()
        .anyMatch(decision -> decision.done().equals(LossAcceptance.DONE));
  }

  private void addOutputs(Receipt receipt, int number) {
    receipt
        .outputs()
        .forEach(
            (sink, count) -> {
              LongArray counts = expected.computeIfAbsent(sink, name -> new LongArray());
              while (counts.size() < number) {
                counts.add(0);
              }
              counts.add(count);
            });
  }

  private void add(Receipt.Span span, long time, boolean isJudged, boolean isRewind, int number) {
    Integer index = indexes.get(new TopicPartition(span.topic(), span.partition()));
    Uuid id = topicIds.get(span.topic());
    if (id != null && !span.topicId().equals(id) && !span.topicId().equals(Uuid.ZERO_UUID)) {
      madeAnew.merge(span.topic(), 1L, Long::sum);
      markUncountable(isJudged, number);
    } else if (index == null) {
      strangers.add(span.topic());
      markUncountable(isJudged, number);
    } else if (isRewind && span.to() < span.from()) {
      sources[index].again.add(span.to(), span.from());
      sources[index].rewinds++;
    } else if (isJudged) {
      sources[index].table.add(span, number);
    } else {
      sources[index].addEarly(span, time, time >= timedStart());
    }
  }

  private void markUncountable(boolean isJudged, int number) {
    if (isJudged) {
      groups.markUncountable(number);
    }
  }

  /**
   * @param deleted up to this time receipts may have been deleted, in ms since the epoch
   */
  void seal(long deleted) {
    horizon = deleted;
    firstSpans = null;
    for (SourcePartition source : sources) {
      source.seal();
    }
  }

  /** Whether the receipt that follows one of this time may have been deleted. */
  boolean mayBeDeleted(long time) {
    return horizon != Long.MIN_VALUE && time < horizon;
  }

  /** Whether only receipts from some time on are judged. */
  boolean isCut() {
    return cut != Long.MIN_VALUE;
  }

  /** Claims made before this, in ms since the epoch, had expired when the judged receipts begin. */
  long windowStart() {
    return isCut() ? cut - window.toMillis() : Long.MIN_VALUE;
  }

  /** From this time on, in ms since the epoch, it is known when receipts were written. */
  long timedStart() {
    return isCut() ? Math.min(windowStart(), cut - Trim.READ.toMillis()) : Long.MIN_VALUE;
  }

  Generations generations() {
    return generations;
  }

  Map<String, Uuid> topicIds() {
    return topicIds;
  }

  List<TopicPartition> partitions() {
    return partitions;
  }

  SourcePartition source(int partition) {
    return sources[partition];
  }

  PartitionReceipts table(int partition) {
    return sources[partition].table;
  }

  /** The number of the source partition that a record stands in. */
  int index(ConsumerRecord<byte[], byte[]> record) {
    return requireNonNull(indexes.get(new TopicPartition(record.topic(), record.partition())));
  }

  /** Those that are judged, whatever they are of. */
  int receipts() {
    return millis.size();
  }

  /** All that were read. */
  long all() {
    return all;
  }

  ReceiptGroups groups() {
    return groups;
  }

  /** Whether the receipt takes the group past records that are lost. */
  boolean isLoss(int receipt) {
    return losses.get(receipt);
  }

  long millis(int receipt) {
    return millis.get(receipt);
  }

  long expected(String sink, int receipt) {
    LongArray counts = expected.get(sink);
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

  /** How many spans of receipts are of an earlier topic, per name. */
  Map<String, Long> madeAnew() {
    return madeAnew;
  }

  boolean isMadeAnew(int partition) {
    return !madeAnew.isEmpty() && madeAnew.containsKey(partitions.get(partition).topic());
  }

  String place(int receipt) {
    long place = places.get(receipt);
    return topic + "-" + (place >>> 48) + "@" + (place & 0xFFFF_FFFF_FFFFL);
  }

  String position(int partition, long offset) {
    return partitions.get(partition) + "@" + offset;
  }

  /** Where a receipt's first span begins; the receipt itself where it has none. */
  String where(int receipt) {
    if (firstSpans == null) {
      firstSpans = new long[millis.size()];
      java.util.Arrays.fill(firstSpans, -1);
      for (int t = sources.length - 1; t >= 0; t--) {
        for (int i = table(t).size() - 1; i >= 0; i--) {
          firstSpans[table(t).receipt(i)] = (long) t << 32 | i;
        }
      }
    }
    if (firstSpans[receipt] < 0) {
      return place(receipt);
    }
    int partition = (int) (firstSpans[receipt] >>> 32);
    return position(partition, table(partition).from((int) firstSpans[receipt]));
  }
}
