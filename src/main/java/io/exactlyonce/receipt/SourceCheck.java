package io.exactlyonce.receipt;

import static io.exactlyonce.receipt.Finding.Kind.LOST;
import static io.exactlyonce.receipt.Finding.Kind.UNACCOUNTED;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * What receipts say of the source topics is true of them: no span holds more records than it
 * accounts for, and whatever was dropped as a duplicate has an event id that another position
 * holds.
 */
final class SourceCheck {
  private final Ledger ledger;
  private final LogOffsets offsets;
  private final LogReader reader;
  private final Function<ConsumerRecord<byte[], byte[]>, byte[]> eventIds;
  private final Findings findings;
  private final Map<TopicPartition, Integer> indexes = new HashMap<>();
  private final int[][] held;
  private final Longs duplicateIds = new Longs();
  private final Longs duplicateOffsets = new Longs();
  private final Longs duplicatePartitions = new Longs();
  private final IdSet wanted = new IdSet();
  private final IdSet originals = new IdSet();
  private long records;

  /**
   * @param eventIds finds a record's event id; null where it has none
   */
  SourceCheck(
      Ledger ledger,
      LogOffsets offsets,
      LogReader reader,
      Function<ConsumerRecord<byte[], byte[]>, byte[]> eventIds,
      Findings findings) {
    this.ledger = ledger;
    this.offsets = offsets;
    this.reader = reader;
    this.eventIds = eventIds;
    this.findings = findings;
    this.held = new int[ledger.partitions().size()][];
    for (int p = 0; p < held.length; p++) {
      held[p] = new int[ledger.table(p).size()];
      indexes.put(ledger.partitions().get(p), p);
    }
  }

  void run() {
    Map<TopicPartition, Long> earliest = offsets.earliest(ledger.partitions());
    Map<TopicPartition, Long> from = new HashMap<>();
    Map<TopicPartition, Long> to = new HashMap<>();
    for (int p = 0; p < held.length; p++) {
      if (ledger.hasJudged(p)) {
        TopicPartition partition = ledger.partitions().get(p);
        long start = ledger.table(p).from(ledger.start(p));
        from.put(partition, Math.max(start, earliest.get(partition)));
        to.put(partition, ledger.table(p).end());
      }
    }
    // A topic made anew is shorter than what receipts of its name say.
    offsets.latest(to.keySet()).forEach((partition, end) -> to.merge(partition, end, Math::min));
    reader.read(from, to, this::count);
    compare(earliest);
    findOriginals(earliest, from);
  }

  private boolean count(ConsumerRecord<byte[], byte[]> record) {
    records++;
    int p = index(record);
    SpanTable table = ledger.table(p);
    int span = table.find(record.offset());
    if (span != SpanTable.NONE) {
      held[p][span]++;
    }
    if (table.isDuplicate(record.offset())) {
      note(p, record);
    }
    return true;
  }

  private void note(int p, ConsumerRecord<byte[], byte[]> record) {
    byte[] id = eventIds.apply(record);
    if (id == null) {
      findings.add(
          UNACCOUNTED,
          ledger.position(p, record.offset()),
          1,
          "was dropped as a duplicate, though it has no event id");
      return;
    }
    long hash = IdSet.hash(id, 0);
    duplicateIds.add(hash);
    duplicateOffsets.add(record.offset());
    duplicatePartitions.add(p);
    wanted.add(hash);
  }

  private void compare(Map<TopicPartition, Long> earliest) {
    for (int p = 0; p < held.length; p++) {
      SpanTable table = ledger.table(p);
      for (int i = ledger.start(p); i < table.size(); i++) {
        boolean isWhole = table.from(i) >= earliest.get(ledger.partitions().get(p));
        if (isWhole && held[p][i] > table.accounted(i)) {
          findings.add(
              LOST,
              ledger.position(p, table.from(i)),
              held[p][i] - table.accounted(i),
              String.format(
                  "the offsets %d to %d hold %d records, and receipt %s accounts for %d",
                  table.from(i),
                  table.to(i) - 1,
                  held[p][i],
                  ledger.place(table.receipt(i)),
                  table.accounted(i)));
        }
      }
    }
  }

  /** What the audit reads anyway is searched first: an original is seldom far. */
  private void findOriginals(
      Map<TopicPartition, Long> earliest, Map<TopicPartition, Long> started) {
    if (wanted.size() == 0) {
      return;
    }
    Map<TopicPartition, Long> from = new HashMap<>(earliest);
    from.putAll(started);
    reader.read(from, offsets.latest(ledger.partitions()), this::search);
    if (originals.size() < wanted.size()) {
      reader.read(earliest, from, this::search);
    }
    report(earliest.values().stream().anyMatch(offset -> offset > 0));
  }

  private boolean search(ConsumerRecord<byte[], byte[]> record) {
    SpanTable table = ledger.table(index(record));
    long offset = record.offset();
    boolean isKnown = !table.isEmpty() && offset >= table.first() && offset < table.end();
    // Before the receipts it was processed, after them it will be; between them nothing else was.
    if (!isKnown || table.holdsClaim(offset)) {
      byte[] id = eventIds.apply(record);
      if (id != null) {
        long hash = IdSet.hash(id, 0);
        if (wanted.contains(hash)) {
          originals.add(hash);
        }
      }
    }
    return originals.size() < wanted.size();
  }

  private void report(boolean trimmed) {
    long unproven = 0;
    for (int i = 0; i < duplicateIds.size(); i++) {
      if (originals.contains(duplicateIds.get(i))) {
        continue;
      }
      unproven++;
      if (!trimmed) {
        findings.add(
            LOST,
            ledger.position((int) duplicatePartitions.get(i), duplicateOffsets.get(i)),
            1,
            "was dropped as a duplicate, though no other record has its event id");
      }
    }
    if (trimmed && unproven > 0) {
      findings.note(unproven + " duplicates are of records that the source topics no longer hold");
    }
  }

  long records() {
    return records;
  }

  long duplicates() {
    return duplicateIds.size();
  }

  private int index(ConsumerRecord<byte[], byte[]> record) {
    return indexes.get(new TopicPartition(record.topic(), record.partition()));
  }
}
