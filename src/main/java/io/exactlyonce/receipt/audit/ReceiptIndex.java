package io.exactlyonce.receipt.audit;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.receipt.Generation;
import io.exactlyonce.receipt.LossAcceptance;
import io.exactlyonce.receipt.Receipt;
import io.exactlyonce.receipt.ReceiptReader;
import io.exactlyonce.receipt.Rewind;
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
 * All receipts that were read, by source partition. Those that are judged are numbered in the order
 * in which they are read; the audit refers to a receipt by its number. Of receipts before the cut
 * only the offsets that they cover, their duplicates and their delayed records are kept.
 */
final class ReceiptIndex {
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
   * @param topic the receipts topic
   * @param topicIds present ids of the source topics: receipts of an earlier topic of that name do
   *     not count
   * @param cut receipts written before this, in ms since the epoch, are not judged; the lowest
   *     long: all are
   * @param window of the guard: receipts' times are kept for at least this long before the cut
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
        receipt.decisions().stream().anyMatch(decision -> decision.done().equals(Rewind.DONE));
    for (Receipt.Span span : receipt.spans()) {
      add(span, receipt.millis(), isJudged, isRewind, number);
    }
    generations.add(receipt, record, isJudged ? number : -1);
    for (Receipt.Decision decision : receipt.decisions()) {
      if (isJudged && !decision.done().equals(Generation.DONE)) {
        findings.note(
            String.format(
                decision.done().equals(Receipt.Decision.MADE_ANEW)
                    ? "a worker found that the topic of %2$s was recreated: %3$s"
                    : "an operator decided: %1$s of %2$s, because: %3$s",
                decision.done(),
                decision.at(),
                decision.why()));
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
   * Sorts the tables, so that they can be read.
   *
   * @param deleted up to this time, in ms since the epoch, receipts may have been deleted; the
   *     lowest long: none was
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

  /** Claims made before this time, in ms since the epoch, had expired at the cut. */
  long windowStart() {
    return isCut() ? cut - window.toMillis() : Long.MIN_VALUE;
  }

  /** From this time on, in ms since the epoch, the times of receipts are kept. */
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

  /** Index of the record's source partition. */
  int index(ConsumerRecord<byte[], byte[]> record) {
    return requireNonNull(indexes.get(new TopicPartition(record.topic(), record.partition())));
  }

  /** How many receipts are judged, of audited sources or not. */
  int receipts() {
    return millis.size();
  }

  /** How many receipts were read. */
  long all() {
    return all;
  }

  ReceiptGroups groups() {
    return groups;
  }

  /** Whether the receipt is one of {@link LossAcceptance}. */
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

  /** Topics in which judged receipts count outputs. */
  Set<String> sinks() {
    return expected.keySet();
  }

  /** Source topics in receipts that are not audited. */
  Set<String> strangers() {
    return strangers;
  }

  /** How many spans in receipts are of an earlier topic, by the topic's name. */
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

  /** Position at which a receipt's first span begins; the receipt's own where it has no span. */
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
