package io.exactlyonce.receipt;

/**
 * A set of ids by 64-bit hashes, at most 16 bytes each. Among 10^8 ids the chance that any two
 * agree is 1 in 3,000.
 */
public final class IdSet {
  private long[] table = new long[1024];
  private int size;

  /** False where it is in already. */
  public boolean add(long hash) {
    if (size > table.length / 8 * 5) {
      grow();
    }
    int slot = slot(hash);
    if (table[slot] != 0) {
      return false;
    }
    table[slot] = nonZero(hash);
    size++;
    return true;
  }

  public boolean contains(long hash) {
    return table[slot(hash)] != 0;
  }

  public int size() {
    return size;
  }

  /** Where the hash is, or the free place where it would be. */
  private int slot(long hash) {
    long wanted = nonZero(hash);
    int mask = table.length - 1;
    int slot = (int) wanted & mask;
    while (table[slot] != 0 && table[slot] != wanted) {
      slot = slot + 1 & mask;
    }
    return slot;
  }

  private void grow() {
    long[] old = table;
    table = new long[old.length * 2];
    for (long hash : old) {
      if (hash != 0) {
        table[slot(hash)] = hash;
      }
    }
  }

  /** Zero marks a free place. */
  private static long nonZero(long hash) {
    return hash == 0 ? 1 : hash;
  }

  /**
   * @param seed tells apart the namespaces that share a set
   */
  public static long hash(byte[] id, long seed) {
    return hash(id, id.length, seed);
  }

  /** Of the first bytes alone. */
  public static long hash(byte[] id, int length, long seed) {
    long hash = 0x9e3779b97f4a7c15L * (seed + 1) ^ length;
    long word = 0;
    for (int i = 0; i < length; i++) {
      word = (word << 8) | (id[i] & 0xFF);
      if ((i & 7) == 7) {
        hash = mix(hash ^ word);
        word = 0;
      }
    }
    return mix(mix(hash ^ word) + 0x9e3779b97f4a7c15L);
  }

  /** The finalizer of SplitMix64: a bijection in which every bit moves every other. */
  public static long mix(long value) {
    long mixed = value;
    mixed = (mixed ^ mixed >>> 30) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
    return mixed ^ mixed >>> 31;
  }
}
