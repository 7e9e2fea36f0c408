package io.exactlyonce.receipt.audit;

import java.util.Arrays;

/**
 * The last source offset seen in one sink partition, per source partition and output number.
 * Outputs of one number must come in the order of their sources.
 */
final class OutputOrder {
  /** Outputs of a higher number are not judged by order. */
  static final int MOST_NUMBERS = 256;

  static final long NOTHING = -1;

  private final long[][] last;

  OutputOrder(int sourcePartitions) {
    last = new long[sourcePartitions][];
  }

  /** The last offset before this one; remembers the higher of the two. */
  long pass(int sourcePartition, int number, long offset) {
    if (number < 0 || number >= MOST_NUMBERS) {
      return NOTHING;
    }
    long[] offsets = last[sourcePartition];
    if (offsets == null || offsets.length <= number) {
      int known = offsets == null ? 0 : offsets.length;
      offsets = offsets == null ? new long[number + 1] : Arrays.copyOf(offsets, number + 1);
      Arrays.fill(offsets, known, offsets.length, NOTHING);
      last[sourcePartition] = offsets;
    }
    long before = offsets[number];
    offsets[number] = Math.max(before, offset);
    return before;
  }
}
