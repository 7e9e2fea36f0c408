package io.exactlyonce.guard.redis;

import io.exactlyonce.guard.ClaimBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Splits a poll's claims into script calls so that no call holds a key twice.
 *
 * <p>Two copies of an id in one poll cannot be settled here by "the first wins": an earlier claim
 * of the second copy may be in the store, and then both would be dropped. So the later copy goes
 * into a later call, which sees what the earlier one wrote. That is rare, and a false alarm (two
 * keys whose fingerprints agree) only costs a further call.
 */
final class ClaimCalls {
  private ClaimCalls() {}

  /** Indexes of the batch's claims, call by call, at most {@code most} in each. */
  static List<int[]> split(ClaimBatch batch, int most) {
    List<int[]> calls = new ArrayList<>();
    int[] waiting = new int[batch.size()];
    Arrays.setAll(waiting, i -> i);
    while (waiting.length > 0) {
      int[] chosen = new int[Math.min(most, waiting.length)];
      int[] left = new int[waiting.length];
      int taken = 0;
      int kept = 0;
      Fingerprints seen = new Fingerprints(chosen.length);
      for (int index : waiting) {
        if (taken < chosen.length && seen.add(batch.key(index))) {
          chosen[taken++] = index;
        } else {
          left[kept++] = index;
        }
      }
      calls.add(taken == chosen.length ? chosen : Arrays.copyOf(chosen, taken));
      waiting = Arrays.copyOf(left, kept);
    }
    return calls;
  }

  /** A set of 64-bit fingerprints of keys, by open addressing. */
  private static final class Fingerprints {
    private final long[] table;
    private final int mask;

    Fingerprints(int expected) {
      table = new long[Math.max(4, Integer.highestOneBit(Math.max(1, expected)) * 4)];
      mask = table.length - 1;
    }

    /** False where a key of this fingerprint is in already. */
    boolean add(byte[] key) {
      long fingerprint = fingerprint(key);
      int slot = (int) (fingerprint ^ fingerprint >>> 32) & mask;
      while (table[slot] != 0) {
        if (table[slot] == fingerprint) {
          return false;
        }
        slot = slot + 1 & mask;
      }
      table[slot] = fingerprint;
      return true;
    }

    private static long fingerprint(byte[] key) {
      long hash = 0xcbf29ce484222325L; // FNV-1a
      for (byte b : key) {
        hash = (hash ^ b) * 0x100000001b3L;
      }
      return hash == 0 ? 1 : hash;
    }
  }
}
