package io.exactlyonce.guard.explore;

import java.util.Arrays;

/**
 * State of everything at one moment: two workers, two source partitions with one copy each of the
 * same event, Kafka, and two Redis servers of which the second is empty at first. Small enough for
 * a {@code long}, so that millions are kept.
 */
final class World {
  static final int WORKERS = 2;
  static final int PARTITIONS = 2;

  /** Value of a free {@link #lock}; a worker that holds it is the worker's number + 1. */
  static final int UNLOCKED = 0;

  static final int ORPHANED = 3;

  /** Value of a claim that is no position (partition + 1): some worker has marked the id. */
  static final int MARK = 3;

  /** Progress of a worker with the one record that it holds. */
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

  /** Progress of a worker's keeper with a rebuild. */
  enum Rebuild {
    NONE,
    LOCKED,
    OPENED,
    FENCED_ONE,
    FENCED,
    ANNOUNCED,
    READ_ONE,
    READ
  }

  // Per worker. Of a dead one, hand and partition show what its transaction left open.
  final boolean[] alive = {true, true};
  final Hand[] hand = {Hand.EMPTY, Hand.EMPTY};
  final int[] partition = new int[WORKERS];
  final boolean[] fenced = new boolean[WORKERS];
  final boolean[] stale = new boolean[WORKERS];

  /** Generation that the worker's claims carry; in its rebuild, the one that it has announced. */
  final int[] trusts = new int[WORKERS];

  /** Number of the Redis that the worker reaches. */
  final int[] redis = new int[WORKERS];

  final Rebuild[] rebuild = {Rebuild.NONE, Rebuild.NONE};
  final int[] found = new int[WORKERS];

  // Kafka.
  final int[] owner = {0, 1};
  final boolean[] committed = new boolean[PARTITIONS];
  final int[] outputs = new int[PARTITIONS];

  /** The newest generation in the log. */
  int log = 1;

  /** Worker, + 1, that has an announcement open; 0: none; {@link #ORPHANED}: one that died. */
  int announcer;

  // Redis, per server.
  final int[] claim = new int[2];
  final int[] generation = {1, 0};
  final int[] lock = new int[2];

  /** An older copy of the first Redis' claims, with which it may come back. */
  int dumped;

  // Accidents that may still happen.
  int crashes;
  int moves;
  int losses;
  int timeouts;
  int lapses;
  int cuts;

  /**
   * Numbers the generations anew from 1, in their order: only which are equal and which is the
   * newest matters. So two servers that are rebuilt in turns for ever lead to worlds that were
   * visited.
   */
  private void renumber() {
    int[] names = {log, generation[0], generation[1], trusts[0], trusts[1]};
    int[] known = Arrays.stream(names).filter(g -> g > 0).sorted().distinct().toArray();
    log = 1 + Arrays.binarySearch(known, log);
    for (int i = 0; i < 2; i++) {
      generation[i] = rank(known, generation[i]);
      trusts[i] = rank(known, trusts[i]);
    }
  }

  private static int rank(int[] known, int name) {
    return name == 0 ? 0 : 1 + Arrays.binarySearch(known, name);
  }

  /** The highest generation in use. The log has this one, or the one after it. */
  private int mostUsed() {
    return Math.max(Math.max(generation[0], generation[1]), Math.max(trusts[0], trusts[1]));
  }

  long pack() {
    renumber();
    Digits digits = new Digits();
    for (int w = 0; w < WORKERS; w++) {
      digits.put(alive[w]);
      digits.put(hand[w].ordinal(), 9);
      digits.put(partition[w], 2);
      digits.put(fenced[w]);
      digits.put(stale[w]);
      digits.put(trusts[w], 6);
      digits.put(rebuild[w].ordinal(), 8);
      digits.put(found[w], 3);
      digits.put(redis[w], 2);
    }
    for (int p = 0; p < PARTITIONS; p++) {
      digits.put(owner[p], 2);
      digits.put(committed[p]);
      digits.put(outputs[p], 3);
    }
    digits.put(claim[0], 4);
    digits.put(claim[1], 3);
    digits.put(dumped, 3);
    for (int r = 0; r < 2; r++) {
      digits.put(generation[r], 6);
      digits.put(lock[r], 4);
    }
    digits.put(log - mostUsed(), 2);
    digits.put(announcer, 4);
    digits.put(crashes, 3);
    digits.put(moves, 3);
    digits.put(losses, 3);
    digits.put(timeouts, 2);
    digits.put(lapses, 2);
    digits.put(cuts, 3);
    return digits.value;
  }

  static World unpack(long packed) {
    Digits digits = new Digits(packed);
    World world = new World();
    for (int w = 0; w < WORKERS; w++) {
      world.alive[w] = digits.flag();
      world.hand[w] = Hand.values()[digits.take(9)];
      world.partition[w] = digits.take(2);
      world.fenced[w] = digits.flag();
      world.stale[w] = digits.flag();
      world.trusts[w] = digits.take(6);
      world.rebuild[w] = Rebuild.values()[digits.take(8)];
      world.found[w] = digits.take(3);
      world.redis[w] = digits.take(2);
    }
    for (int p = 0; p < PARTITIONS; p++) {
      world.owner[p] = digits.take(2);
      world.committed[p] = digits.flag();
      world.outputs[p] = digits.take(3);
    }
    world.claim[0] = digits.take(4);
    world.claim[1] = digits.take(3);
    world.dumped = digits.take(3);
    for (int r = 0; r < 2; r++) {
      world.generation[r] = digits.take(6);
      world.lock[r] = digits.take(4);
    }
    world.log = digits.take(2) + world.mostUsed();
    world.announcer = digits.take(4);
    world.crashes = digits.take(3);
    world.moves = digits.take(3);
    world.losses = digits.take(3);
    world.timeouts = digits.take(2);
    world.lapses = digits.take(2);
    world.cuts = digits.take(3);
    return world;
  }

  /**
   * Whether both copies are committed and no worker holds a record, so that nothing can happen to
   * the event.
   */
  boolean isDone() {
    return committed[0]
        && committed[1]
        && !(alive[0] && hand[0] != Hand.EMPTY)
        && !(alive[1] && hand[1] != Hand.EMPTY);
  }

  int effects() {
    return outputs[0] + outputs[1];
  }

  /** Whether the partition's offset can be read: it is in no open transaction. */
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
      text.append(" g").append(trusts[w]).append(redis[w] == 0 ? "" : " there");
      text.append(rebuild[w] == Rebuild.NONE ? "" : " " + rebuild[w] + ":" + found[w]).append(';');
    }
    for (int p = 0; p < PARTITIONS; p++) {
      text.append(" p").append(p).append(committed[p] ? " committed" : "");
      text.append(" x").append(outputs[p]).append(';');
    }
    for (int r = 0; r < 2; r++) {
      text.append(" redis ").append(r).append(" claim=").append(claim[r]);
      text.append(" g").append(generation[r]).append(';');
    }
    return text.append(" log g").append(log).append(announcer == 0 ? "" : " open").toString();
  }
}
