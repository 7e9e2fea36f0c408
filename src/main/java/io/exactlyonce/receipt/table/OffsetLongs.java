package io.exactlyonce.receipt.table;

import java.util.Arrays;

/** One long per offset, zero where none was set. Chunks of offsets without any take no memory. */
public final class OffsetLongs {
  private static final int BITS = 12;
  private static final int CHUNK = 1 << BITS;

  private final long base;
  private long[][] chunks = new long[4][];

  /**
   * @param base the lowest offset that may be set
   */
  public OffsetLongs(long base) {
    this.base = base;
  }

  public long get(long offset) {
    long chunk = (offset - base) >> BITS;
    return chunk < 0 || chunk >= chunks.length || chunks[(int) chunk] == null
        ? 0
        : chunks[(int) chunk][(int) (offset - base & CHUNK - 1)];
  }

  public void set(long offset, long value) {
    int chunk = Math.toIntExact((offset - base) >> BITS);
    if (chunk >= chunks.length) {
      chunks = Arrays.copyOf(chunks, Math.max(chunk + 1, chunks.length * 2));
    }
    if (chunks[chunk] == null) {
      chunks[chunk] = new long[CHUNK];
    }
    chunks[chunk][(int) (offset - base & CHUNK - 1)] = value;
  }
}
