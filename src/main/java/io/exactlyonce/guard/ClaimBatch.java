package io.exactlyonce.guard;

import io.exactlyonce.deadletter.Replayed;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The claims of one poll, in offset order per partition: {@code keys[i]} is claimed for {@code
 * positions[i]}. Grows as it is filled; a worker's thread fills it and then hands it over.
 */
public final class ClaimBatch {
  private byte[][] keys = new byte[64][];
  private byte[][] positions = new byte[64][];
  private int size;

  /** By index: who says that it was replayed, and whose claims it may take over. Mostly empty. */
  private final Map<Integer, Replayed> replayed = new HashMap<>(0);

  private final Map<Integer, byte[]> takeovers = new HashMap<>(0);

  public void add(byte[] key, byte[] position) {
    if (size == keys.length) {
      keys = Arrays.copyOf(keys, size * 2);
      positions = Arrays.copyOf(positions, size * 2);
    }
    keys[size] = key;
    positions[size++] = position;
  }

  /** The claims of another batch, behind those that are in; whose records are looked up already. */
  public void addAll(ClaimBatch others) {
    others.takeovers.forEach((index, from) -> takeovers.put(size + index, from));
    for (int i = 0; i < others.size; i++) {
      add(others.keys[i], others.positions[i]);
    }
  }

  /** The claim that was added last is of a record that says it was replayed. */
  public void replayed(Replayed claimant) {
    replayed.put(size - 1, claimant);
  }

  /** Whether {@link Guard#lookUp} has something to find out. */
  public boolean needsLookUp() {
    return !replayed.isEmpty();
  }

  Map<Integer, Replayed> replayed() {
    return replayed;
  }

  /** The claim moves to its position from this one, where this one holds it. */
  void takeOver(int index, byte[] from) {
    takeovers.put(index, from);
  }

  /** Null for all claims but a few. */
  public byte @Nullable [] takenOver(int index) {
    return takeovers.isEmpty() ? null : takeovers.get(index);
  }

  public int size() {
    return size;
  }

  public byte[] key(int index) {
    return keys[index];
  }

  public byte[] position(int index) {
    return positions[index];
  }
}
