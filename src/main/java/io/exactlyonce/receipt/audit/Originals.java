package io.exactlyonce.receipt.audit;

import static io.exactlyonce.receipt.audit.report.Finding.Kind.LOST;
import static io.exactlyonce.receipt.audit.report.Finding.Kind.UNACCOUNTED;

import io.exactlyonce.receipt.IdSet;
import io.exactlyonce.receipt.LogOffsets;
import io.exactlyonce.receipt.LogReader;
import io.exactlyonce.receipt.audit.report.Findings;
import io.exactlyonce.receipt.table.LongArray;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Checks that each record that was dropped as a duplicate has an original, a record at another
 * position with its event id. Where an original may be in a place that the audit cannot read, a
 * missing one is not judged.
 */
final class Originals {
  private final ReceiptIndex index;
  private final LogOffsets offsets;
  private final LogReader reader;
  private final Function<ConsumerRecord<byte[], byte[]>, byte[]> eventIds;
  private final Findings findings;
  private final LongArray duplicateIds = new LongArray();
  private final LongArray duplicateOffsets = new LongArray();
  private final LongArray duplicatePartitions = new LongArray();
  private final IdSet wanted = new IdSet();
  private final IdSet found = new IdSet();

  Originals(
      ReceiptIndex index,
      LogOffsets offsets,
      LogReader reader,
      Function<ConsumerRecord<byte[], byte[]>, byte[]> eventIds,
      Findings findings) {
    this.index = index;
    this.offsets = offsets;
    this.reader = reader;
    this.eventIds = eventIds;
    this.findings = findings;
  }

  /**
   * Notes a duplicate.
   *
   * @param hash of its event id; 0 where it has none
   */
  void want(int p, long offset, long hash) {
    if (hash == 0) {
      findings.add(
          UNACCOUNTED,
          index.position(p, offset),
          1,
          "was dropped as a duplicate, though it has no event id");
      return;
    }
    duplicateIds.add(hash);
    duplicateOffsets.add(offset);
    duplicatePartitions.add(p);
    wanted.add(hash);
  }

  int wanted() {
    return duplicateIds.size();
  }

  /**
   * Searches the originals and reports duplicates without one. The range from where the audit began
   * to the present is searched first, since an original is seldom far; the log before it only if
   * some are still missing.
   *
   * @param earliest the source partitions' first offsets
   * @param started first offsets that the audit has read
   * @param compacted topics that are compacted, and so may have lost originals whose key came again
   */
  void find(
      Map<TopicPartition, Long> earliest,
      Map<TopicPartition, Long> started,
      Set<String> compacted) {
    if (wanted.size() == 0) {
      return;
    }
    Map<TopicPartition, Long> from = new HashMap<>(earliest);
    from.putAll(started);
    reader.read(from, offsets.latest(index.partitions()), this::search);
    if (found.size() < wanted.size()) {
      reader.read(earliest, from, this::search);
    }
    report(hidden(earliest, compacted));
  }

  private boolean search(ConsumerRecord<byte[], byte[]> record) {
    int p = index.index(record);
    SourcePartition source = index.source(p);
    long offset = record.offset();
    boolean isKnown = offset >= source.first() && offset < source.end();
    // Within the receipts only processed records count. Before or after them each record counts.
    if (!isKnown || (source.covers(offset) && !source.table.isDuplicate(offset))) {
      byte[] id = eventIds.apply(record);
      if (id != null) {
        long hash = SourceRecords.hash(id, id.length);
        if (wanted.contains(hash)) {
          found.add(hash);
        }
      }
    }
    return found.size() < wanted.size();
  }

  /** Places, in words, where an original may have been that the audit cannot read. */
  private List<String> hidden(Map<TopicPartition, Long> earliest, Set<String> compacted) {
    List<String> hidden = new ArrayList<>();
    if (earliest.values().stream().anyMatch(offset -> offset > 0)) {
      hidden.add("the beginning of a source, which was deleted");
    }
    if (index.topicIds().keySet().stream().anyMatch(compacted::contains)) {
      hidden.add("a compacted source, before a later record of its key");
    }
    if (!index.madeAnew().isEmpty()) {
      hidden.add("a source that was deleted and made anew");
    }
    if (!index.strangers().isEmpty()) {
      hidden.add("a source that is not audited");
    }
    return hidden;
  }

  private void report(List<String> hidden) {
    long unproven = 0;
    for (int i = 0; i < duplicateIds.size(); i++) {
      if (found.contains(duplicateIds.get(i))) {
        continue;
      }
      unproven++;
      if (hidden.isEmpty()) {
        findings.add(
            LOST,
            index.position((int) duplicatePartitions.get(i), duplicateOffsets.get(i)),
            1,
            "was dropped as a duplicate, though no other record has its event id");
      }
    }
    if (!hidden.isEmpty() && unproven > 0) {
      findings.unjudged(
          String.join(",", index.topicIds().keySet()),
          "the originals of "
              + unproven
              + " duplicates are not there: each may have stood in "
              + String.join(", or in ", hidden));
    }
  }
}
