package io.exactlyonce.receipt;

/**
 * A set of ids, each kept as a 64-bit hash in 13 to 26 bytes. Among 10^8 ids the chance that any
 * two have the same hash is 1 in 3,000.
 */
public final class IdSet {
  private long[] table = new long[1024];
  private int size;

  /** Adds a hash; false where it is in the set already. */
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

  /** Index of the hash, or of the free slot where it would be put. */
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

  /** The hash as it is stored: never zero, which marks a free slot. */
  private static long nonZero(long hash) {
    return hash == 0 ? 1 : hash;
  }

  /**
   * The hash of an id.
   *
   * @param seed differs for each namespace of ids that share a set
   */
  public static long hash(byte[] id, long seed) {
    return hash(id, id.length, seed);
  }

  /** The hash of the first {@code length} bytes of an id. */
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

  /** The finalizer of SplitMix64: a bijection in which each input bit affects every output bit. */
  public static long mix(long value) {
    long mixed = value;
    mixed = (mixed ^ mixed >>> 30) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
    return mixed ^ mixed >>> 31;
  }
}
