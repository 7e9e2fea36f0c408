package io.exactlyonce.guard;

import io.exactlyonce.deadletter.Replayed;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The claims of one poll, in offset order per partition: {@code keys[i]} is claimed for {@code
 * positions[i]}. It grows as it is filled. Not thread-safe: a worker's thread fills it and then
 * hands it over.
 */
public final class ClaimBatch {
  private byte[][] keys = new byte[64][];
  private byte[][] positions = new byte[64][];
  private int size;

  /** Claims of records whose headers say that they were replayed, by index. Mostly empty. */
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

  /** Adds the claims of another batch. Its replayed records must have been looked up before. */
  public void addAll(ClaimBatch others) {
    others.takeovers.forEach((index, from) -> takeovers.put(size + index, from));
    for (int i = 0; i < others.size; i++) {
      add(others.keys[i], others.positions[i]);
    }
  }

  /** Notes what the headers of a replayed record say. Its claim is the last that was added. */
  public void replayed(Replayed claimant) {
    replayed.put(size - 1, claimant);
  }

  /** Whether replayed records are not looked up yet, so that {@link Guard#lookUp} comes first. */
  public boolean needsLookUp() {
    return !replayed.isEmpty();
  }

  Map<Integer, Replayed> replayed() {
    return replayed;
  }

  /** Lets the claim move to its position, if {@code from} is the position that holds it. */
  void takeOver(int index, byte[] from) {
    takeovers.put(index, from);
  }

  /** The position that this claim may move from; null for all claims but a few. */
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
