package io.exactlyonce.guard.explore;

/**
 * Everything that is true at one moment: two workers, two source partitions that each hold one copy
 * of the same event, Kafka and Redis. Small enough for a {@code long}, so that millions are kept.
 */
final class World {
  static final int WORKERS = 2;
  static final int PARTITIONS = 2;

  /** Who holds the rebuild's lock. */
  static final int UNLOCKED = 0;

  static final int ORPHANED = 3;

  /** What a claim holds besides a position (partition + 1): that somebody, somewhere took it. */
  static final int MARK = 3;

  /** Where a worker is with the one record that it has in hand. */
  enum Hand {
    EMPTY,
    TAKEN,
    ADMITTED,
    DROPPED,
    SENT_OUTPUT,
    SENT_NOTHING,
    OFFSET_OUTPUT,
    OFFSET_NOTHING,
    TO_MARK;

    boolean isOpen() {
      return compareTo(SENT_OUTPUT) >= 0 && compareTo(TO_MARK) < 0;
    }

    boolean hasOffset() {
      return this == OFFSET_OUTPUT || this == OFFSET_NOTHING;
    }

    boolean hasOutput() {
      return this == SENT_OUTPUT || this == OFFSET_OUTPUT;
    }
  }

  /** Where a worker's keeper is with a rebuild. */
  enum Rebuild {
    NONE,
    LOCKED,
    FENCED_ONE,
    FENCED,
    READ_ONE,
    READ
  }

  // Per worker. Of a dead one, hand and partition tell what its transaction left open.
  final boolean[] alive = {true, true};
  final Hand[] hand = {Hand.EMPTY, Hand.EMPTY};
  final int[] partition = new int[WORKERS];
  final boolean[] fenced = new boolean[WORKERS];
  final boolean[] stale = new boolean[WORKERS];
  final int[] trusts = new int[WORKERS];
  final Rebuild[] rebuild = {Rebuild.NONE, Rebuild.NONE};
  final int[] found = new int[WORKERS];

  // Kafka.
  final int[] owner = {0, 1};
  final boolean[] committed = new boolean[PARTITIONS];
  final int[] outputs = new int[PARTITIONS];

  // Redis.
  int claim;
  int dumped;
  int generation = 1;
  int generations = 1;
  int lock;

  // What may still go wrong.
  int crashes;
  int moves;
  int losses;
  int timeouts;
  int lapses;

  long pack() {
    Bits bits = new Bits();
    for (int w = 0; w < WORKERS; w++) {
      bits.put(alive[w], hand[w].ordinal(), 4);
      bits.put(partition[w], 1);
      bits.put(fenced[w]);
      bits.put(stale[w]);
      bits.put(trusts[w], 2);
      bits.put(rebuild[w].ordinal(), 3);
      bits.put(found[w], 2);
    }
    for (int p = 0; p < PARTITIONS; p++) {
      bits.put(owner[p], 1);
      bits.put(committed[p]);
      bits.put(outputs[p], 2);
    }
    bits.put(claim, 2);
    bits.put(dumped, 2);
    bits.put(generation, 2);
    bits.put(generations, 2);
    bits.put(lock, 2);
    bits.put(crashes, 2);
    bits.put(moves, 2);
    bits.put(losses, 2);
    bits.put(timeouts, 1);
    bits.put(lapses, 1);
    return bits.value;
  }

  static World unpack(long packed) {
    Bits bits = new Bits(packed);
    World world = new World();
    for (int w = 0; w < WORKERS; w++) {
      world.alive[w] = bits.flag();
      world.hand[w] = Hand.values()[bits.take(4)];
      world.partition[w] = bits.take(1);
      world.fenced[w] = bits.flag();
      world.stale[w] = bits.flag();
      world.trusts[w] = bits.take(2);
      world.rebuild[w] = Rebuild.values()[bits.take(3)];
      world.found[w] = bits.take(2);
    }
    for (int p = 0; p < PARTITIONS; p++) {
      world.owner[p] = bits.take(1);
      world.committed[p] = bits.flag();
      world.outputs[p] = bits.take(2);
    }
    world.claim = bits.take(2);
    world.dumped = bits.take(2);
    world.generation = bits.take(2);
    world.generations = bits.take(2);
    world.lock = bits.take(2);
    world.crashes = bits.take(2);
    world.moves = bits.take(2);
    world.losses = bits.take(2);
    world.timeouts = bits.take(1);
    world.lapses = bits.take(1);
    return world;
  }

  /** Read to its end: nothing more can happen to the event. */
  boolean isDone() {
    return committed[0]
        && committed[1]
        && !(alive[0] && hand[0] != Hand.EMPTY)
        && !(alive[1] && hand[1] != Hand.EMPTY);
  }

  int effects() {
    return outputs[0] + outputs[1];
  }

  /** A partition whose offset is in an open transaction tells nobody where it stands. */
  boolean isStable(int p) {
    for (int w = 0; w < WORKERS; w++) {
      if (hand[w].hasOffset() && partition[w] == p && !fenced[w]) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int w = 0; w < WORKERS; w++) {
      text.append(alive[w] ? " w" : " dead w").append(w).append('=').append(hand[w]);
      text.append(hand[w] == Hand.EMPTY ? "" : "@" + partition[w]);
      text.append(fenced[w] ? " fenced" : "").append(stale[w] ? " stale" : "");
      text.append(" g").append(trusts[w]);
      text.append(rebuild[w] == Rebuild.NONE ? "" : " " + rebuild[w] + ":" + found[w]).append(';');
    }
    for (int p = 0; p < PARTITIONS; p++) {
      text.append(" p").append(p).append(committed[p] ? " committed" : "");
      text.append(" x").append(outputs[p]).append(';');
    }
    return text.append(" redis claim=").append(claim).append(" g").append(generation).toString();
  }
}
