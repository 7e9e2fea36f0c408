package io.exactlyonce.cli.load;

import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import org.apache.kafka.common.utils.Utils;

/**
 * Chooses the rows that are sent a second time, when and where to, as an upstream that retries
 * would. The same seed, share and partitions choose the same. Not thread-safe.
 */
final class Duplicates {
  /** A second sending comes 1 to this many rows after the first. */
  static final int DELAY_ROWS = 1_000;

  /** Above so much memory in waiting rows the next goes early. */
  private static final long MAX_BYTES = 16L * 1024 * 1024;

  /** A row to send again; {@code partition} is empty for the one its key leads to. */
  record Copy(long due, long order, RowReader.Row row, Optional<Integer> partition) {}

  private final double share;
  private final int partitions;
  private final Random random;
  private final PriorityQueue<Copy> waiting =
      new PriorityQueue<>(Comparator.comparingLong(Copy::due).thenComparingLong(Copy::order));
  private long rows;
  private long bytes;

  /**
   * @param share how many of the rows, 0 to 1
   * @param partitions of the topic; above 1, half of the copies go to another partition
   */
  Duplicates(double share, long seed, int partitions) {
    this.share = share;
    this.partitions = partitions;
    this.random = new Random(seed);
  }

  /** Takes note of a row that has been sent. */
  void sent(RowReader.Row row) {
    rows++;
    if (share == 0 || random.nextDouble() >= share) {
      return;
    }
    long due = rows + 1 + random.nextInt(DELAY_ROWS);
    waiting.add(new Copy(due, rows, row, elsewhere(row.key())));
    bytes += row.value().length;
  }

  /** The next copy whose time has come. */
  Optional<Copy> due() {
    boolean ready = !waiting.isEmpty() && (waiting.peek().due() <= rows || bytes > MAX_BYTES);
    return ready ? next() : Optional.empty();
  }

  /** The next copy, its time come or not: for the end of the file. */
  Optional<Copy> next() {
    Optional<Copy> next = Optional.ofNullable(waiting.poll());
    next.ifPresent(copy -> bytes -= copy.row().value().length);
    return next;
  }

  private Optional<Integer> elsewhere(byte[] key) {
    if (partitions == 1 || random.nextBoolean()) {
      return Optional.empty();
    }
    // The partition that the producer's own partitioner gives to this key.
    int home = Utils.toPositive(Utils.murmur2(key)) % partitions;
    return Optional.of((home + 1 + random.nextInt(partitions - 1)) % partitions);
  }
}
