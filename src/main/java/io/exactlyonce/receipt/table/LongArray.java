package io.exactlyonce.receipt.table;

import java.util.Arrays;

/** A growing array of primitive longs, since a day's receipts would be millions of objects. */
public final class LongArray {
  private long[] values = new long[8];
  private int size;

  public void add(long value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, size * 2);
    }
    values[size++] = value;
  }

  public long get(int index) {
    return values[index];
  }

  public void set(int index, long value) {
    values[index] = value;
  }

  public int size() {
    return size;
  }

  void sort() {
    Arrays.sort(values, 0, size);
  }

  /** An index of the value in a sorted array; negative where it is absent. */
  int indexOf(long value) {
    return Arrays.binarySearch(values, 0, size, value);
  }

  /** The lowest index of the value in a sorted array; negative where it is absent. */
  public int firstAt(long value) {
    int before = lastAtMost(value - 1);
    return before + 1 < size && values[before + 1] == value ? before + 1 : -1;
  }

  /**
   * The highest index of a value that is at most this one, in a sorted array; -1 where there is
   * none.
   */
  public int lastAtMost(long value) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (values[middle] <= value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  /** A copy with the values in the order of the indexes. */
  public LongArray inOrder(int[] indexes) {
    LongArray ordered = new LongArray();
    ordered.values = new long[Math.max(8, indexes.length)];
    for (int index : indexes) {
      ordered.add(values[index]);
    }
    return ordered;
  }
}
