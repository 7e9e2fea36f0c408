package io.exactlyonce.cli.load;

import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import org.apache.kafka.common.utils.Utils;

/**
 * Chooses rows to be sent a second time, when, and to which partition, as by a producer that
 * retries. The same seed, share and number of partitions give the same choice. Not thread-safe.
 */
final class Duplicates {
  /** Longest distance of a copy from its row, in rows; each gets a random one from 1 on. */
  static final int DELAY_ROWS = 1_000;

  /** Memory of the values of waiting rows, in bytes, above which the next copy is due early. */
  private static final long MAX_BYTES = 16L * 1024 * 1024;

  /**
   * A row to send again.
   *
   * @param due it is due once so many rows were sent
   * @param order number of its row; of the copies that are due at once the lowest goes first
   * @param partition to send it to; empty: by its key
   */
  record Copy(long due, long order, RowReader.Row row, Optional<Integer> partition) {}

  private final double share;
  private final int partitions;
  private final Random random;
  private final PriorityQueue<Copy> waiting =
      new PriorityQueue<>(Comparator.comparingLong(Copy::due).thenComparingLong(Copy::order));
  private long rows;
  private long bytes;

  /**
   * @param share of the rows, from 0 to 1
   * @param partitions of the topic; above 1, half of the copies go to another partition
   */
  Duplicates(double share, long seed, int partitions) {
    this.share = share;
    this.partitions = partitions;
    this.random = new Random(seed);
  }

  /** Counts a row that was sent, and decides whether it is sent again. */
  void sent(RowReader.Row row) {
    rows++;
    if (share == 0 || random.nextDouble() >= share) {
      return;
    }
    long due = rows + 1 + random.nextInt(DELAY_ROWS);
    waiting.add(new Copy(due, rows, row, elsewhere(row.key())));
    bytes += row.value().length;
  }

  /** The next copy that is due; empty where none is. */
  Optional<Copy> due() {
    boolean ready = !waiting.isEmpty() && (waiting.peek().due() <= rows || bytes > MAX_BYTES);
    return ready ? next() : Optional.empty();
  }

  /** The next copy, due or not, for the end of the file; empty where none waits. */
  Optional<Copy> next() {
    Optional<Copy> next = Optional.ofNullable(waiting.poll());
    next.ifPresent(copy -> bytes -= copy.row().value().length);
    return next;
  }

  private Optional<Integer> elsewhere(byte[] key) {
    if (partitions == 1 || random.nextBoolean()) {
      return Optional.empty();
    }
    // The partition of the producer's default partitioner for this key.
    int home = Utils.toPositive(Utils.murmur2(key)) % partitions;
    return Optional.of((home + 1 + random.nextInt(partitions - 1)) % partitions);
  }
}
