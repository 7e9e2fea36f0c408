package io.exactlyonce.receipt.audit;

import static io.exactlyonce.receipt.audit.Finding.Kind.DUPLICATED;
import static io.exactlyonce.receipt.audit.Finding.Kind.LOST;
import static io.exactlyonce.receipt.audit.Finding.Kind.UNACCOUNTED;

import io.exactlyonce.receipt.IdSet;
import io.exactlyonce.receipt.LogOffsets;
import io.exactlyonce.receipt.LogReader;
import io.exactlyonce.receipt.SpanTable;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/**
 * What receipts say of the source topics is true of them: a span holds as many records as it
 * accounts for, no two records that were not dropped have one event id, and whatever was dropped as
 * a duplicate has one that another position holds.
 */
final class SourceCheck {
  /** Header of a replayed dead letter: the letter's position. */
  private static final String REPLAY_OF = "replay-of";

  private final Ledger ledger;
  private final LogOffsets offsets;
  private final LogReader reader;
  private final Function<ConsumerRecord<byte[], byte[]>, byte[]> eventIds;
  private final Findings findings;
  private final SourceRecords known;
  private final boolean mayRepeat;
  private final Map<TopicPartition, Integer> indexes = new HashMap<>();
  private final Originals originals;
  private IdSet claimed = new IdSet();
  private long records;

  /**
   * @param eventIds finds a record's event id; null where it has none
   * @param known is filled with the records
   * @param mayRepeat whether two records of one event id may both be processed
   */
  SourceCheck(
      Ledger ledger,
      LogOffsets offsets,
      LogReader reader,
      Function<ConsumerRecord<byte[], byte[]>, byte[]> eventIds,
      SourceRecords known,
      boolean mayRepeat,
      Findings findings) {
    this.ledger = ledger;
    this.offsets = offsets;
    this.reader = reader;
    this.eventIds = eventIds;
    this.known = known;
    this.mayRepeat = mayRepeat;
    this.findings = findings;
    this.originals = new Originals(ledger, offsets, reader, eventIds, findings);
    for (int p = 0; p < ledger.partitions().size(); p++) {
      indexes.put(ledger.partitions().get(p), p);
    }
  }

  /**
   * @param compacted topics that lose records whose key comes again
   */
  void run(Set<String> compacted) {
    Map<TopicPartition, Long> earliest = offsets.earliest(ledger.partitions());
    Map<TopicPartition, Long> from = new HashMap<>();
    Map<TopicPartition, Long> to = new HashMap<>();
    for (int p = 0; p < ledger.partitions().size(); p++) {
      SpanTable table = ledger.table(p);
      if (!table.isEmpty()) {
        TopicPartition partition = ledger.partitions().get(p);
        from.put(partition, Math.max(table.first(), earliest.get(partition)));
        to.put(partition, table.end());
      }
    }
    Map<TopicPartition, Long> ends = offsets.latest(to.keySet());
    ends.forEach((partition, end) -> to.merge(partition, end, Math::min));
    reader.read(from, to, this::judge);
    claimed = null; // the outputs' turn: its memory is theirs
    compare(offsets.earliest(ledger.partitions()), ends, compacted);
    originals.find(earliest, from, compacted);
  }

  private boolean judge(ConsumerRecord<byte[], byte[]> record) {
    records++;
    int p = index(record);
    long offset = record.offset();
    byte[] id = eventIds.apply(record);
    long hash = known.add(p, offset, id);
    SpanTable table = ledger.table(p);
    if (table.isDuplicate(offset)) {
      originals.want(p, offset, id == null ? 0 : hash);
    } else if (!mayRepeat && id != null && table.find(offset) != SpanTable.NONE) {
      claim(p, record, hash);
    }
    return true;
  }

  /**
   * The guard lets one record of an event id pass, and each of its dead letters that is replayed.
   */
  private void claim(int p, ConsumerRecord<byte[], byte[]> record, long hash) {
    SpanTable table = ledger.table(p);
    if (table.isDelayed(record.offset())) {
      return; // its copy in the retry topic holds the claim
    }
    Header letter = record.headers().lastHeader(REPLAY_OF);
    long key =
        letter == null || letter.value() == null
            ? hash
            : IdSet.mix(hash ^ IdSet.hash(letter.value(), 1));
    if (!claimed.add(key)) {
      findings.add(
          DUPLICATED,
          ledger.position(p, record.offset()),
          1,
          "has the event id of another record, and neither was dropped as a duplicate");
    }
  }

  private void compare(
      Map<TopicPartition, Long> earliest, Map<TopicPartition, Long> ends, Set<String> compacted) {
    for (int p = 0; p < ledger.partitions().size(); p++) {
      TopicPartition partition = ledger.partitions().get(p);
      SpanTable table = ledger.table(p);
      for (int i = 0; i < table.size(); i++) {
        if (table.to(i) > ends.get(partition)) {
          add(UNACCOUNTED, p, i, table.to(i) - ends.get(partition), "and the topic ends before");
        } else if (table.from(i) >= earliest.get(partition)) {
          compare(p, i, compacted.contains(partition.topic()));
        }
      }
    }
  }

  private void compare(int p, int span, boolean isCompacted) {
    SpanTable table = ledger.table(p);
    long held = known.count(p, table.from(span), table.to(span));
    long accounted = table.accounted(span);
    if (held > accounted || held < accounted && !isCompacted) {
      add(
          held > accounted ? LOST : UNACCOUNTED,
          p,
          span,
          Math.abs(held - accounted),
          "and " + held + " are there");
    }
  }

  private void add(Finding.Kind kind, int p, int span, long concerned, String but) {
    SpanTable table = ledger.table(p);
    findings.add(
        kind,
        ledger.position(p, table.from(span)),
        concerned,
        String.format(
            "receipt %s accounts for %d records at the offsets %d to %d, %s",
            ledger.place(table.receipt(span)),
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

  private int index(ConsumerRecord<byte[], byte[]> record) {
    return indexes.get(new TopicPartition(record.topic(), record.partition()));
  }
}
