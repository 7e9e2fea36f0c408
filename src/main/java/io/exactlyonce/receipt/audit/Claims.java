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
 * The event ids of records that were processed. The guard lets one record of an id pass, and each
 * of its dead letters that is replayed. What was processed before the judged receipts claims its id
 * too, for the guard's window: so the source is read back as far as that.
 */
final class Claims {
  /** Header of a replayed dead letter: the letter's position. */
  private static final String REPLAY_OF = "replay-of";

  /** Where a claim before the cut was made. */
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
   * Reads what was processed within the guard's window before the cut, and lists what of it cannot
   * be read.
   *
   * @param begins the source partitions' first offsets
   * @param ends one past their last ones
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

  /** Null where the record has none, or was not processed before the cut alone. */
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
   * Of a record that a judged receipt says was processed.
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

  /** To be called after the last record. Ids whose claims had expired may have come again. */
  void finish(Duration window) {
    before = null;
    claimed = null; // the outputs' turn: its memory is theirs
    if (againKeys.size() == 0) {
      return;
    }
    Map<Long, Place> places = places();
    for (int i = 0; i < againKeys.size(); i++) {
      int p = (int) againPartitions.get(i);
      long offset = againOffsets.get(i);
      PartitionReceipts table = index.table(p);
      Place place = places.get(againKeys.get(i));
      if (place == null) { // retention was faster than the second reading
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

  /** Where the ids that came again were claimed last before the cut. */
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
