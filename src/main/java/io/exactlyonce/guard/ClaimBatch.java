package io.exactlyonce.guard;

import java.util.Arrays;

/**
 * The claims of one poll, in offset order per partition: {@code keys[i]} is claimed for {@code
 * positions[i]}. Grows as it is filled; a worker's thread fills it and then hands it over.
 */
public final class ClaimBatch {
  private byte[][] keys = new byte[64][];
  private byte[][] positions = new byte[64][];
  private int size;

  public void add(byte[] key, byte[] position) {
    if (size == keys.length) {
      keys = Arrays.copyOf(keys, size * 2);
      positions = Arrays.copyOf(positions, size * 2);
    }
    keys[size] = key;
    positions[size++] = position;
  }

  public int size() {
    return size;
  }

  byte[] key(int index) {
    return keys[index];
  }

  byte[] position(int index) {
    return positions[index];
  }
}
