package io.exactlyonce.receipt.audit;

import static io.exactlyonce.receipt.audit.report.Finding.Kind.DUPLICATED;
import static java.util.Objects.requireNonNull;

import io.exactlyonce.receipt.IdSet;
import io.exactlyonce.receipt.LogReader;
import io.exactlyonce.receipt.audit.report.Findings;
import io.exactlyonce.receipt.table.LongArray;
import io.exactlyonce.receipt.table.PartitionReceipts;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Checks that no two processed records have one event id. The guard admits one record of an id, and
 * each replay of its dead letters besides. A record that was processed before the judged receipts
 * holds its id too, for the guard's window, so the sources are read back that far.
 */
final class Claims {
  /** Header of a replayed dead letter: the letter's position. */
  private static final String REPLAY_OF = "replay-of";

  /** A record that was processed before the cut, with the time of its receipt. */
  private record Place(int partition, long offset, long millis) {}

  private final ReceiptIndex index;
  private final LogReader reader;
  private final Function<ConsumerRecord<byte[], byte[]>, byte[]> eventIds;
  private final Findings findings;
  private final Map<TopicPartition, Long> from = new HashMap<>();
  private final Map<TopicPartition, Long> to = new HashMap<>();
  private @Nullable IdSet before = new IdSet();
  private @Nullable IdSet claimed = new IdSet();
  private final LongArray againKeys = new LongArray();
  private final LongArray againPartitions = new LongArray();
  private final LongArray againOffsets = new LongArray();

  Claims(
      ReceiptIndex index,
      LogReader reader,
      Function<ConsumerRecord<byte[], byte[]>, byte[]> eventIds,
      Findings findings) {
    this.index = index;
    this.reader = reader;
    this.eventIds = eventIds;
    this.findings = findings;
  }

  /**
   * Reads the records that were processed within the guard's window before the cut, and lists those
   * that cannot be read.
   *
   * @param begins the source partitions' first offsets
   * @param ends the source partitions' high watermarks
   */
  void readBefore(Map<TopicPartition, Long> begins, Map<TopicPartition, Long> ends) {
    for (int p = 0; p < index.partitions().size(); p++) {
      TopicPartition partition = index.partitions().get(p);
      SourcePartition source = index.source(p);
      long first = source.timed.firstSince(index.windowStart());
      if (first == Long.MAX_VALUE) {
        continue;
      }
      long reached = Math.max(first, requireNonNull(begins.get(partition)));
      long end = Math.min(source.timed.end(), requireNonNull(ends.get(partition)));
      if (reached > first) {
        findings.unjudged(
            index.position(p, first) + "-" + (Math.min(reached, source.timed.end()) - 1),
            "were processed within the guard's window before the judged receipts, and are deleted:"
                + " whether their events came again was not judged");
      }
      boolean mayLack = index.mayBeDeleted(index.windowStart()) && source.first() > 0;
      if (mayLack && source.firstEarlyMillis >= index.windowStart()) {
        findings.unjudged(
            index.position(p, source.first()),
            "receipts of the guard's window before this offset were deleted: whether events that"
                + " were processed then came again was not judged");
      }
      if (reached < end) {
        from.put(partition, reached);
        to.put(partition, end);
      }
    }
    reader.read(from, to, this::remember);
  }

  private boolean remember(ConsumerRecord<byte[], byte[]> record) {
    byte[] id = earlyId(record);
    if (id != null) {
      requireNonNull(before).add(key(record, SourceRecords.hash(id, id.length)));
    }
    return true;
  }

  /**
   * Event id of a record that was processed only before the cut; null for others, and where it has
   * none.
   */
  private byte @Nullable [] earlyId(ConsumerRecord<byte[], byte[]> record) {
    SourcePartition source = index.source(index.index(record));
    PartitionReceipts table = source.table;
    long offset = record.offset();
    boolean isClaim =
        source.timed.covers(offset)
            && table.find(offset) == PartitionReceipts.NONE
            && !table.isDuplicate(offset)
            && !table.isDelayed(offset);
    return isClaim ? eventIds.apply(record) : null;
  }

  /**
   * Notes the event id of a record that was processed by a judged receipt; a second one is a
   * finding.
   *
   * @param hash of its event id
   */
  void claim(int p, ConsumerRecord<byte[], byte[]> record, long hash) {
    if (index.table(p).isDelayed(record.offset())) {
      return; // its copy in the retry topic holds the claim
    }
    long key = key(record, hash);
    if (!requireNonNull(claimed).add(key)) {
      findings.add(
          DUPLICATED,
          index.position(p, record.offset()),
          1,
          "has the event id of another record, and neither was dropped as a duplicate");
    } else if (requireNonNull(before).contains(key)) {
      againKeys.add(key);
      againPartitions.add(p);
      againOffsets.add(record.offset());
    }
  }

  private static long key(ConsumerRecord<byte[], byte[]> record, long hash) {
    Header letter = record.headers().lastHeader(REPLAY_OF);
    return letter == null || letter.value() == null
        ? hash
        : IdSet.mix(hash ^ IdSet.hash(letter.value(), 1));
  }

  /**
   * Reports ids that were processed before the cut and again after it, within the window; to be
   * called after the last record.
   */
  void finish(Duration window) {
    before = null;
    claimed = null; // frees memory for the check of the outputs
    if (againKeys.size() == 0) {
      return;
    }
    Map<Long, Place> places = places();
    for (int i = 0; i < againKeys.size(); i++) {
      int p = (int) againPartitions.get(i);
      long offset = againOffsets.get(i);
      PartitionReceipts table = index.table(p);
      Place place = places.get(againKeys.get(i));
      if (place == null) { // deleted since the first reading
        findings.unjudged(
            index.position(p, offset), "has the event id of another record, which is deleted");
        continue;
      }
      long millis = index.millis(table.receipt(table.find(offset))) - place.millis();
      if (millis < window.toMillis()) {
        findings.add(
            DUPLICATED,
            index.position(p, offset),
            1,
            String.format(
                "has the event id of another record, %s, which was processed %d min before,"
                    + " and neither was dropped as a duplicate",
                index.position(place.partition(), place.offset()), millis / 60_000));
      }
    }
  }

  /** The last record before the cut of each id that was processed again, by the id's key. */
  private Map<Long, Place> places() {
    IdSet wanted = new IdSet();
    for (int i = 0; i < againKeys.size(); i++) {
      wanted.add(againKeys.get(i));
    }
    Map<Long, Place> places = new HashMap<>();
    reader.read(
        from,
        to,
        record -> {
          byte[] id = earlyId(record);
          long key = id == null ? 0 : key(record, SourceRecords.hash(id, id.length));
          if (id != null && wanted.contains(key)) {
            int p = index.index(record);
            Place place =
                new Place(p, record.offset(), index.source(p).timed.latest(record.offset()));
            places.merge(key, place, (one, two) -> one.millis() > two.millis() ? one : two);
          }
          return true;
        });
    return places;
  }
}
