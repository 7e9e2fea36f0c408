package io.exactlyonce.guard.explore;

import io.exactlyonce.guard.explore.World.Hand;
import io.exactlyonce.guard.explore.World.Rebuild;
import java.util.function.Consumer;

/**
 * All steps that can follow a world. A step is one atomic action of Redis or Kafka. Between two
 * steps of a worker any other step may come: of the other worker, a crash, or a move of its
 * partition. A lost answer is a step that was taken without the worker's knowledge.
 */
final class Steps {
  /** Receives a world that can be next, and the step that leads to it. */
  interface Sink {
    void next(String step, World world);
  }

  private final Protocol protocol;
  private final RebuildSteps rebuilds;

  Steps(Protocol protocol) {
    this.protocol = protocol;
    this.rebuilds = new RebuildSteps(protocol);
  }

  void from(long packed, Sink sink) {
    World now = World.unpack(packed);
    for (int w = 0; w < World.WORKERS; w++) {
      work(now, w, sink);
      accident(now, w, sink);
      if (protocol.hasGenerations()) {
        rebuilds.from(now, w, sink);
      }
    }
    surroundings(now, sink);
  }

  private void work(World now, int w, Sink sink) {
    if (!now.alive[w]) {
      return;
    }
    switch (now.hand[w]) {
      case EMPTY -> take(now, w, sink);
      case TAKEN -> claim(now, w, sink);
      case ADMITTED -> produce(now, w, "sends", Hand.SENT_OUTPUT, sink);
      case DROPPED -> produce(now, w, "sends nothing", Hand.SENT_NOTHING, sink);
      case SENT_OUTPUT -> offsets(now, w, Hand.OFFSET_OUTPUT, sink);
      case SENT_NOTHING -> offsets(now, w, Hand.OFFSET_NOTHING, sink);
      case OFFSET_OUTPUT, OFFSET_NOTHING -> end(now, w, sink);
      case TO_MARK ->
          step(
              now,
              w + " marks",
              world -> {
                world.claim[0] = World.MARK;
                world.hand[w] = Hand.EMPTY;
              },
              sink);
    }
  }

  /**
   * Takes the record at the committed offset, which is answered once no open transaction can change
   * it.
   */
  private void take(World now, int w, Sink sink) {
    for (int p = 0; p < World.PARTITIONS; p++) {
      int partition = p;
      if (now.owner[p] == w && !now.committed[p] && now.isStable(p)) {
        step(
            now,
            w + " takes " + p,
            world -> {
              world.hand[w] = Hand.TAKEN;
              world.partition[w] = partition;
              world.stale[w] = false;
            },
            sink);
      }
    }
  }

  private void claim(World now, int w, Sink sink) {
    if (protocol.hasGenerations() && (now.trusts[w] == 0 || now.rebuild[w] != Rebuild.NONE)) {
      return;
    }
    step(now, w + " claims", world -> protocol.claim(world, w), sink);
    step(
        now,
        w + " claims and hears nothing",
        world -> {
          protocol.claim(world, w);
          world.hand[w] = Hand.TAKEN;
        },
        sink);
  }

  private void produce(World now, int w, String what, Hand next, Sink sink) {
    step(now, w + " " + what, world -> advance(world, w, next), sink);
  }

  /**
   * Adds the offset to the transaction; the group coordinator refuses it where the worker has lost
   * the partition.
   */
  private void offsets(World now, int w, Hand next, Sink sink) {
    step(
        now,
        w + " adds its offset",
        world -> advance(world, w, world.stale[w] ? Hand.EMPTY : next),
        sink);
  }

  private void end(World now, int w, Sink sink) {
    boolean output = now.hand[w].hasOutput();
    step(
        now,
        w + " commits",
        world -> {
          if (!world.fenced[w]) {
            world.committed[world.partition[w]] = true;
            world.outputs[world.partition[w]] += output ? 1 : 0;
          }
          advance(world, w, output && protocol.marksAfter() ? Hand.TO_MARK : Hand.EMPTY);
        },
        sink);
  }

  /**
   * Moves the worker on. A worker whose producer was fenced drops everything instead and
   * initializes its transactional id again, and then adopts a generation anew.
   */
  private static void advance(World world, int w, Hand next) {
    world.hand[w] = world.fenced[w] ? Hand.EMPTY : next;
    if (world.fenced[w] && world.rebuild[w] == Rebuild.NONE) {
      world.trusts[w] = 0;
    }
    world.fenced[w] = false;
  }

  private void accident(World now, int w, Sink sink) {
    if (now.alive[w]) {
      if (now.hand[w] != Hand.EMPTY && now.hand[w] != Hand.TO_MARK) {
        step(now, w + " gives up", world -> advance(world, w, Hand.EMPTY), sink);
      }
      if (now.crashes > 0) {
        step(now, w + " crashes", world -> crash(world, w), sink);
      }
      if (now.timeouts > 0 && now.hand[w].isOpen() && !now.fenced[w]) {
        step(
            now,
            "the broker aborts " + w,
            world -> {
              world.fenced[w] = true;
              world.timeouts--;
            },
            sink);
      }
    } else {
      if (now.hand[w] != Hand.EMPTY) {
        step(now, "the broker reaps " + w, world -> world.hand[w] = Hand.EMPTY, sink);
      }
      step(
          now,
          w + " starts",
          world -> {
            world.alive[w] = true;
            world.hand[w] = Hand.EMPTY;
          },
          sink);
    }
  }

  /** Crashes a worker. Its open transaction stays open, unless it was fenced before. */
  private static void crash(World world, int w) {
    world.crashes--;
    world.alive[w] = false;
    if (!world.hand[w].isOpen() || world.fenced[w]) {
      world.hand[w] = Hand.EMPTY;
    }
    world.fenced[w] = false;
    world.stale[w] = false;
    world.trusts[w] = 0;
    world.rebuild[w] = Rebuild.NONE;
    world.found[w] = 0;
    for (int r = 0; r < 2; r++) {
      world.lock[r] = world.lock[r] == w + 1 ? World.ORPHANED : world.lock[r];
    }
    world.announcer = world.announcer == w + 1 ? World.ORPHANED : world.announcer;
  }

  private void surroundings(World now, Sink sink) {
    for (int p = 0; p < World.PARTITIONS; p++) {
      int partition = p;
      int from = now.owner[p];
      int to = 1 - from;
      if (now.alive[to] && (now.moves > 0 || !now.alive[from])) {
        step(
            now,
            "partition " + p + " moves to " + to,
            world -> {
              world.moves -= world.alive[from] ? 1 : 0;
              world.owner[partition] = to;
              world.stale[from] |=
                  world.alive[from]
                      && world.hand[from] != Hand.EMPTY
                      && world.partition[from] == partition;
            },
            sink);
      }
    }
    if (protocol.hasGenerations() && now.losses > 0) {
      step(now, "Redis is emptied", world -> lose(world, 0, World.UNLOCKED), sink);
      int lock = now.lock[0] == World.UNLOCKED ? World.UNLOCKED : World.ORPHANED;
      step(now, "Redis comes back older", world -> lose(world, world.dumped, lock), sink);
      if (now.dumped != now.claim[0]) {
        step(now, "Redis is dumped", world -> world.dumped = world.claim[0], sink);
      }
    }
    for (int r = 0; r < 2; r++) {
      lapse(now, r, sink);
    }
    for (int w = 0; w < World.WORKERS && now.cuts > 0; w++) {
      cut(now, w, sink);
    }
    if (now.announcer == World.ORPHANED) {
      step(now, "the broker ends the announcement", world -> world.announcer = 0, sink);
    }
  }

  private static void lapse(World now, int r, Sink sink) {
    if (now.lock[r] == World.ORPHANED) {
      step(now, "the lock lapses", world -> world.lock[r] = World.UNLOCKED, sink);
    } else if (now.lock[r] != World.UNLOCKED && now.lapses > 0) {
      step(
          now,
          "the lock lapses under its holder",
          world -> {
            world.lock[r] = World.UNLOCKED;
            world.lapses--;
          },
          sink);
    }
  }

  /** Lets the worker reach the other Redis from here on, by a failover or its configuration. */
  private static void cut(World now, int w, Sink sink) {
    if (now.alive[w] && now.rebuild[w] == Rebuild.NONE) {
      step(
          now,
          w + " reaches the other Redis",
          world -> {
            world.redis[w] = 1 - world.redis[w];
            world.cuts--;
          },
          sink);
    }
  }

  private static void lose(World world, int claim, int lock) {
    world.losses--;
    world.claim[0] = claim;
    world.generation[0] = 0;
    world.lock[0] = lock;
  }

  static void step(World now, String name, Consumer<World> change, Sink sink) {
    World next = World.unpack(now.pack());
    change.accept(next);
    sink.next(name, next);
  }
}
