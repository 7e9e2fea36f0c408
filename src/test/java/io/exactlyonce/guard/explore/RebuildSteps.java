package io.exactlyonce.guard.explore;

import static io.exactlyonce.guard.explore.Steps.step;

import io.exactlyonce.guard.explore.World.Hand;
import io.exactlyonce.guard.explore.World.Rebuild;

/** Steps of a worker's keeper beside the worker's own: it adopts a generation, or rebuilds one. */
final class RebuildSteps {

  private final Protocol protocol;

  RebuildSteps(Protocol protocol) {
    this.protocol = protocol;
  }

  void from(World now, int w, Steps.Sink sink) {
    if (!now.alive[w]) {
      return;
    }
    Rebuild at = now.rebuild[w];
    if (isSuperseded(now, w)) {
      step(now, w + " is superseded", world -> end(world, w), sink);
      return;
    }
    switch (at) {
      case NONE -> begin(now, w, sink);
      case LOCKED -> {
        if (isBelieved(now, w)) {
          step(now, w + " finds it rebuilt", world -> end(world, w), sink);
        } else {
          step(now, w + " opens its announcement", world -> open(world, w), sink);
        }
      }
      case OPENED -> {
        if (protocol.fences()) {
          step(now, w + " fences 0", world -> fence(world, w, 0, Rebuild.FENCED_ONE), sink);
        } else {
          step(now, w + " fences nobody", world -> world.rebuild[w] = Rebuild.FENCED, sink);
        }
      }
      case FENCED_ONE ->
          step(now, w + " fences 1", world -> fence(world, w, 1, Rebuild.FENCED), sink);
      case FENCED -> step(now, w + " announces", world -> announce(world, w), sink);
      case ANNOUNCED -> read(now, w, 0, Rebuild.READ_ONE, sink);
      case READ_ONE -> read(now, w, 1, Rebuild.READ, sink);
      case READ -> step(now, w + " publishes", world -> publish(world, w), sink);
    }
  }

  /** Whether another keeper has opened an announcement since, which fenced this one's producer. */
  private static boolean isSuperseded(World now, int w) {
    Rebuild at = now.rebuild[w];
    boolean isOpen = at == Rebuild.OPENED || at == Rebuild.FENCED_ONE || at == Rebuild.FENCED;
    return isOpen && now.announcer != w + 1;
  }

  private boolean isBelieved(World now, int w) {
    int standing = now.generation[now.redis[w]];
    return standing != 0 && (!protocol.asksTheLog() || standing == now.log);
  }

  private void begin(World now, int w, Steps.Sink sink) {
    int r = now.redis[w];
    // An open announcement is waited for: a worker that it fenced must not adopt the generation
    // that the log still has.
    boolean isReadable = now.announcer == 0 || !protocol.asksTheLog() || !protocol.waits();
    if (now.trusts[w] != 0 || (now.generation[r] != 0 && !isReadable)) {
      return;
    }
    if (isBelieved(now, w)) {
      step(now, w + " adopts", world -> adopt(world, w), sink);
    } else if (now.lock[r] == World.UNLOCKED) {
      step(
          now,
          w + " locks",
          world -> {
            world.lock[r] = w + 1;
            world.rebuild[w] = Rebuild.LOCKED;
          },
          sink);
    }
  }

  /**
   * Adopts a generation. The worker drops the records it holds, and reads again from the offsets of
   * its partitions. A record from before may have been committed by another owner since, as a
   * duplicate, and the claim that made it one may be lost. Claimed again, the record would hold the
   * event's claim and never be processed.
   *
   * <p>The worker's producers were made before, and may have been fenced since.
   */
  private void adopt(World world, int w) {
    world.trusts[w] = world.generation[world.redis[w]];
    if (protocol.rewinds()) {
      world.hand[w] = Hand.EMPTY;
      world.stale[w] = false;
    }
  }

  private static void open(World world, int w) {
    world.generation[world.redis[w]] = 0;
    world.announcer = w + 1;
    world.rebuild[w] = Rebuild.OPENED;
  }

  private static void fence(World world, int w, int other, Rebuild next) {
    if (world.alive[other]) {
      world.fenced[other] = true;
    } else {
      world.hand[other] = Hand.EMPTY;
    }
    world.rebuild[w] = next;
  }

  private static void announce(World world, int w) {
    world.announcer = 0;
    world.trusts[w] = ++world.log;
    world.rebuild[w] = Rebuild.ANNOUNCED;
  }

  /**
   * Reads one partition after the other, each once its offset is stable: both at once is the easier
   * case.
   */
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
    int r = world.redis[w];
    if (world.lock[r] == w + 1) {
      // Claims are loaded under names that no other keeper writes, and the earlier ones are not
      // read any more.
      boolean keeps = !protocol.clears() && world.found[w] == 0;
      world.claim[r] = keeps ? world.claim[r] : world.found[w];
      world.generation[r] = world.trusts[w];
    }
    end(world, w);
  }

  private static void end(World world, int w) {
    int r = world.redis[w];
    world.rebuild[w] = Rebuild.NONE;
    world.trusts[w] = 0;
    world.found[w] = 0;
    world.lock[r] = world.lock[r] == w + 1 ? World.UNLOCKED : world.lock[r];
  }
}
