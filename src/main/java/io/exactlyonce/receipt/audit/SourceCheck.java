package io.exactlyonce.receipt.audit;

import static io.exactlyonce.receipt.audit.report.Finding.Kind.LOST;
import static io.exactlyonce.receipt.audit.report.Finding.Kind.UNACCOUNTED;
import static java.util.Objects.requireNonNull;

import io.exactlyonce.receipt.LogOffsets;
import io.exactlyonce.receipt.LogReader;
import io.exactlyonce.receipt.audit.report.Finding;
import io.exactlyonce.receipt.audit.report.Findings;
import io.exactlyonce.receipt.table.PartitionReceipts;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Checks the receipts against the source topics: a span holds as many records as it accounts for,
 * no two records that were not dropped have one event id, and each record that was dropped as a
 * duplicate has an original with its event id.
 */
final class SourceCheck {
  private final ReceiptIndex index;
  private final LogOffsets offsets;
  private final LogReader reader;
  private final Function<ConsumerRecord<byte[], byte[]>, byte @Nullable []> eventIds;
  private final Findings findings;
  private final SourceRecords known;
  private final boolean mayRepeat;
  private final Originals originals;
  private final Claims claims;
  private long records;

  /**
   * @param eventIds finds a record's event id; null where it has none
   * @param known gets the records
   * @param mayRepeat whether two records of one event id may both be processed
   */
  SourceCheck(
      ReceiptIndex index,
      LogOffsets offsets,
      LogReader reader,
      Function<ConsumerRecord<byte[], byte[]>, byte @Nullable []> eventIds,
      SourceRecords known,
      boolean mayRepeat,
      Findings findings) {
    this.index = index;
    this.offsets = offsets;
    this.reader = reader;
    this.eventIds = eventIds;
    this.known = known;
    this.mayRepeat = mayRepeat;
    this.findings = findings;
    this.originals = new Originals(index, offsets, reader, eventIds, findings);
    this.claims = new Claims(index, reader, eventIds, findings);
  }

  /**
   * @param compacted topics that are compacted, and so may have lost records whose key came again
   * @param window for which the guard keeps a claim
   */
  void run(Set<String> compacted, Duration window) {
    Map<TopicPartition, Long> earliest = offsets.earliest(index.partitions());
    Map<TopicPartition, Long> from = new HashMap<>();
    Map<TopicPartition, Long> to = new HashMap<>();
    for (int p = 0; p < index.partitions().size(); p++) {
      PartitionReceipts table = index.table(p);
      if (!table.isEmpty()) {
        TopicPartition partition = index.partitions().get(p);
        from.put(partition, Math.max(table.first(), requireNonNull(earliest.get(partition))));
        to.put(partition, table.end());
      }
    }
    Map<TopicPartition, Long> ends = offsets.latest(to.keySet());
    ends.forEach((partition, end) -> to.merge(partition, end, Math::min));
    if (!mayRepeat && !from.isEmpty()) {
      claims.readBefore(earliest, offsets.latest(index.partitions()));
    }
    reader.read(from, to, this::judge);
    claims.finish(window);
    compare(offsets.earliest(index.partitions()), ends, compacted);
    originals.find(earliest, from, compacted);
  }

  private boolean judge(ConsumerRecord<byte[], byte[]> record) {
    records++;
    int p = index.index(record);
    long offset = record.offset();
    byte[] id = eventIds.apply(record);
    long hash = known.add(p, offset, id);
    PartitionReceipts table = index.table(p);
    if (table.isDuplicate(offset)) {
      originals.want(p, offset, id == null ? 0 : hash);
    } else if (!mayRepeat && id != null && table.find(offset) != PartitionReceipts.NONE) {
      claims.claim(p, record, hash);
    }
    return true;
  }

  private void compare(
      Map<TopicPartition, Long> earliest, Map<TopicPartition, Long> ends, Set<String> compacted) {
    for (int p = 0; p < index.partitions().size(); p++) {
      TopicPartition partition = index.partitions().get(p);
      PartitionReceipts table = index.table(p);
      long begin = requireNonNull(earliest.get(partition));
      for (int i = 0; i < table.size(); i++) {
        if (table.to(i) > requireNonNull(ends.get(partition))) {
          add(UNACCOUNTED, p, i, table.to(i) - ends.get(partition), "and the topic ends before");
        } else if (table.from(i) >= begin) {
          compare(p, i, compacted.contains(partition.topic()));
        }
      }
      listDeleted(p, begin);
    }
  }

  /** Lists records of judged receipts that are deleted, except those that were accepted as lost. */
  private void listDeleted(int p, long begin) {
    PartitionReceipts table = index.table(p);
    int receipts = 0;
    long first = Long.MAX_VALUE;
    long end = 0;
    for (int i = 0; i < table.size() && table.from(i) < begin; i++) {
      if (!index.isLoss(table.receipt(i))) {
        receipts++;
        first = Math.min(first, table.from(i));
        end = Math.max(end, Math.min(begin, table.to(i)));
      }
    }
    if (receipts > 0) {
      findings.unjudged(
          index.position(p, first) + "-" + (end - 1),
          "are deleted: their number and event ids were not held against "
              + receipts
              + " receipts");
    }
  }

  private void compare(int p, int span, boolean isCompacted) {
    PartitionReceipts table = index.table(p);
    long held = known.count(p, table.from(span), table.to(span));
    long accounted = table.accounted(span);
    if (held > accounted || (held < accounted && !isCompacted)) {
      add(
          held > accounted ? LOST : UNACCOUNTED,
          p,
          span,
          Math.abs(held - accounted),
          "and " + held + " are there");
    }
  }

  private void add(Finding.Kind kind, int p, int span, long concerned, String but) {
    PartitionReceipts table = index.table(p);
    findings.add(
        kind,
        index.position(p, table.from(span)),
        concerned,
        String.format(
            "receipt %s accounts for %d records at the offsets %d to %d, %s",
            index.place(table.receipt(span)),
            table.accounted(span),
            table.from(span),
            table.to(span) - 1,
            but));
  }

  long records() {
    return records;
  }

  long duplicates() {
    return originals.wanted();
  }
}
