package io.exactlyonce.guard.explore;

import static io.exactlyonce.guard.explore.Steps.step;

import io.exactlyonce.guard.explore.World.Hand;
import io.exactlyonce.guard.explore.World.Rebuild;

/** What a worker's keeper does beside the worker: adopts a generation, or makes one. */
final class RebuildSteps {

  private final boolean fences;
  private final boolean rewinds;
  private final boolean clears;

  RebuildSteps(Protocol protocol) {
    this.fences = protocol.fences();
    this.rewinds = protocol.rewinds();
    this.clears = protocol.clears();
  }

  void from(World now, int w, Steps.Sink sink) {
    if (!now.alive[w]) {
      return;
    }
    switch (now.rebuild[w]) {
      case NONE -> begin(now, w, sink);
      case LOCKED -> {
        if (now.generation != 0) {
          step(now, w + " finds it rebuilt", world -> end(world, w), sink);
        } else if (fences) {
          step(now, w + " fences 0", world -> fence(world, w, 0, Rebuild.FENCED_ONE), sink);
        } else {
          step(now, w + " fences nobody", world -> world.rebuild[w] = Rebuild.FENCED, sink);
        }
      }
      case FENCED_ONE ->
          step(now, w + " fences 1", world -> fence(world, w, 1, Rebuild.FENCED), sink);
      case FENCED -> read(now, w, 0, Rebuild.READ_ONE, sink);
      case READ_ONE -> read(now, w, 1, Rebuild.READ, sink);
      case READ -> step(now, w + " publishes", world -> publish(world, w), sink);
    }
  }

  private void begin(World now, int w, Steps.Sink sink) {
    if (now.trusts[w] != 0) {
      return;
    }
    if (now.generation != 0) {
      step(now, w + " adopts", world -> adopt(world, w), sink);
    } else if (now.lock == World.UNLOCKED) {
      step(
          now,
          w + " locks",
          world -> {
            world.lock = w + 1;
            world.rebuild[w] = Rebuild.LOCKED;
          },
          sink);
    }
  }

  /**
   * A worker takes a generation over with nothing in hand, and reads again from where partitions
   * stand after it. What it has from before may be committed by another owner since, as a duplicate
   * of a claim that is lost: claimed now, it would hold the event's claim and never be processed.
   */
  private void adopt(World world, int w) {
    world.trusts[w] = world.generation;
    if (rewinds) {
      world.hand[w] = Hand.EMPTY;
      world.stale[w] = false;
      world.fenced[w] = false;
    }
  }

  private static void fence(World world, int w, int other, Rebuild next) {
    if (world.alive[other]) {
      world.fenced[other] = true;
    } else {
      world.hand[other] = Hand.EMPTY;
    }
    world.rebuild[w] = next;
  }

  /** One partition after the other, each once its offset is stable: the harder case. */
  private void read(World now, int w, int p, Rebuild next, Steps.Sink sink) {
    if (now.isStable(p)) {
      step(
          now,
          w + " reads " + p,
          world -> {
            boolean processed = world.committed[p] && world.outputs[p] > 0;
            world.found[w] = processed ? p + 1 : world.found[w];
            world.rebuild[w] = next;
          },
          sink);
    }
  }

  private void publish(World world, int w) {
    if (world.lock == w + 1) {
      // What was loaded lies where nobody else writes; what was there before is looked at no more.
      boolean keeps = !clears && world.found[w] == 0;
      world.claim = keeps ? world.claim : world.found[w];
      world.generation = ++world.generations;
    }
    end(world, w);
  }

  private static void end(World world, int w) {
    world.rebuild[w] = Rebuild.NONE;
    world.found[w] = 0;
    if (world.lock == w + 1) {
      world.lock = World.UNLOCKED;
    }
  }
}
