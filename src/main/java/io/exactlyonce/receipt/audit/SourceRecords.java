package io.exactlyonce.receipt.audit;

import io.exactlyonce.receipt.IdSet;
import io.exactlyonce.receipt.OutputSum;
import io.exactlyonce.receipt.table.OffsetLongs;
import java.util.zip.CRC32C;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Hashes of event ids and marks of the outputs found, for each source record within the judged
 * receipts, by offset. That is 16 bytes for each, and 8 more for the outputs of each further time
 * that it was processed.
 */
final class SourceRecords {
  private static final long NO_ID = 1;
  private static final int BITS = Long.SIZE;

  private final ReceiptIndex index;
  private final OffsetLongs[] ids;
  private final OffsetLongs[][] found;
  private final IdSet further = new IdSet();
  private final long[][] sums;
  private final long[][] contents;
  private final CRC32C crc = new CRC32C();

  SourceRecords(ReceiptIndex index) {
    this.index = index;
    int partitions = index.partitions().size();
    this.ids = new OffsetLongs[partitions];
    this.found = new OffsetLongs[partitions][];
    this.sums = new long[partitions][];
    this.contents = new long[partitions][];
    for (int p = 0; p < partitions; p++) {
      ids[p] = new OffsetLongs(base(p));
      found[p] = new OffsetLongs[] {new OffsetLongs(base(p))};
      sums[p] = new long[index.table(p).size()];
      contents[p] = new long[index.table(p).size()];
    }
  }

  private long base(int p) {
    return index.table(p).isEmpty() ? 0 : index.table(p).first();
  }

  /**
   * Adds a record.
   *
   * @param id null where the record has none
   * @return the hash of the id that is kept
   */
  long add(int partition, long offset, byte @Nullable [] id) {
    long hash = id == null ? NO_ID : hash(id, id.length);
    ids[partition].set(offset, hash);
    return hash;
  }

  /**
   * Whether a record was added at the offset; none is where it was deleted, or is a control record.
   */
  boolean holds(int partition, long offset) {
    return ids[partition].get(offset) != 0;
  }

  /**
   * Whether the first {@code length} bytes of the output's id are the record's id; also true where
   * that is not known.
   */
  boolean isIdOf(int partition, long offset, byte[] outputId, int length) {
    long known = ids[partition].get(offset);
    return known == 0 || known == NO_ID || known == hash(outputId, length);
  }

  /** How many records were added at the offsets {@code from} to before {@code to}. */
  long count(int partition, long from, long to) {
    long count = 0;
    for (long offset = from; offset < to; offset++) {
      count += holds(partition, offset) ? 1 : 0;
    }
    return count;
  }

  /**
   * Notes an output.
   *
   * @param most highest result; further outputs are not counted
   * @return how many of this number were found before
   */
  int find(int partition, long offset, int number, int most) {
    for (int level = 0; level < most; level++) {
      if (isNew(partition, offset, number, level)) {
        return level;
      }
    }
    return most;
  }

  private boolean isNew(int partition, long offset, int number, int level) {
    if (number >= BITS) {
      long place = IdSet.mix(offset << 8 ^ partition) ^ (long) level << 32 ^ number;
      return further.add(IdSet.mix(place));
    }
    OffsetLongs masks = level(partition, level);
    long mask = masks.get(offset);
    masks.set(offset, mask | 1L << number);
    return (mask >>> number & 1) == 0;
  }

  private OffsetLongs level(int partition, int level) {
    if (level >= found[partition].length) {
      found[partition] = java.util.Arrays.copyOf(found[partition], level + 1);
      found[partition][level] = new OffsetLongs(base(partition));
    }
    return found[partition][level];
  }

  void addToSums(int partition, int span, long offset, ConsumerRecord<byte[], byte[]> output) {
    String sink = output.topic();
    sums[partition][span] = OutputSum.add(sums[partition][span], offset, sink);
    contents[partition][span] =
        OutputSum.addContent(
            contents[partition][span], offset, sink, crc, output.key(), output.value());
  }

  long sum(int partition, int span) {
    return sums[partition][span];
  }

  /** The sum of keys and values. */
  long contentSum(int partition, int span) {
    return contents[partition][span];
  }

  /** Whether any output of the record was found. */
  boolean hasOutput(int partition, long offset) {
    return found[partition][0].get(offset) != 0;
  }

  /** The lowest number that is missing though a higher one was found; -1 where none is. */
  int hole(int partition, long offset) {
    long mask = found[partition][0].get(offset);
    return (mask & mask + 1) == 0 ? -1 : Long.numberOfTrailingZeros(~mask);
  }

  /**
   * The hash of an event id; never zero, which means no record, nor the mark of a record without an
   * id.
   */
  static long hash(byte[] id, int length) {
    long hash = IdSet.hash(id, length, 0);
    return hash == 0 || hash == NO_ID ? hash + 2 : hash;
  }
}
