package io.exactlyonce.receipt.audit;

import java.util.Arrays;

/**
 * The last source offset seen in one sink partition, per source partition and output number.
 * Outputs of one number must come in the order of their sources, except for one step back for each
 * rewind.
 */
final class OutputOrder {
  /** Outputs of this number or a higher one are not judged by order. */
  static final int MAX_NUMBERS = 256;

  static final long NOTHING = -1;

  private final long[][] last;
  private final int[][] steps;

  OutputOrder(int sourcePartitions) {
    last = new long[sourcePartitions][];
    steps = new int[sourcePartitions][];
  }

  /**
   * Notes the source offset of an output. Returns the highest one noted before, or {@link
   * #NOTHING}.
   *
   * @param mostSteps how many steps back are allowed in total; at each the order begins anew, and
   *     {@code NOTHING} is returned
   */
  long pass(int sourcePartition, int number, long offset, int mostSteps) {
    if (number < 0 || number >= MAX_NUMBERS) {
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
    if (before > offset && mayStepBack(sourcePartition, number, mostSteps)) {
      offsets[number] = offset;
      return NOTHING;
    }
    offsets[number] = Math.max(before, offset);
    return before;
  }

  private boolean mayStepBack(int sourcePartition, int number, int mostSteps) {
    if (mostSteps == 0) {
      return false;
    }
    if (steps[sourcePartition] == null) {
      steps[sourcePartition] = new int[MAX_NUMBERS];
    }
    return steps[sourcePartition][number]++ < mostSteps;
  }
}
