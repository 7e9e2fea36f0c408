package io.exactlyonce.guard.explore;

import io.exactlyonce.guard.explore.World.Hand;
import io.exactlyonce.guard.redis.ClaimModel;

/** How a worker learns whether the event was processed already: ours, and some that are wrong. */
public enum Protocol {
  /** Whoever holds the claim by its position is processed; the rebuild fences first. */
  BY_POSITION {
    @Override
    void claim(World world, int w) {
      int position = world.partition[w] + 1;
      int r = world.redis[w];
      boolean trusted = world.generation[r] != 0 && world.trusts[w] == world.generation[r];
      Integer held = world.claim[r] == 0 ? null : world.claim[r];
      switch (ClaimModel.decide(trusted, held, position)) {
        case LOST -> world.trusts[w] = 0;
        case CLAIMED -> {
          world.claim[r] = position;
          world.hand[w] = Hand.ADMITTED;
        }
        case RECOGNISED -> world.hand[w] = Hand.ADMITTED;
        case DUPLICATE -> world.hand[w] = Hand.DROPPED;
      }
    }
  },
  /** As above, but the rebuild leaves alone what was admitted under the lost claims. */
  WITHOUT_FENCE {
    @Override
    void claim(World world, int w) {
      BY_POSITION.claim(world, w);
    }
  },
  /** As ours, but a worker takes the next generation over with records in hand. */
  WITHOUT_REWIND {
    @Override
    void claim(World world, int w) {
      BY_POSITION.claim(world, w);
    }
  },
  /** As ours, but a rebuild adds to what it finds in Redis. */
  WITHOUT_CLEARING {
    @Override
    void claim(World world, int w) {
      BY_POSITION.claim(world, w);
    }
  },
  /** As ours, but a worker takes over whatever generation its Redis holds. */
  WITHOUT_LOG {
    @Override
    void claim(World world, int w) {
      BY_POSITION.claim(world, w);
    }
  },
  /** As ours, but a worker reads the log while a generation is being announced. */
  WITHOUT_WAIT {
    @Override
    void claim(World world, int w) {
      BY_POSITION.claim(world, w);
    }
  },
  /** The id is marked, then the record is processed: a crash in between loses it. */
  MARK_BEFORE {
    @Override
    void claim(World world, int w) {
      world.hand[w] = world.claim[0] == 0 ? Hand.ADMITTED : Hand.DROPPED;
      world.claim[0] = World.MARK;
    }
  },
  /** The record is processed, then the id is marked: a copy that comes in between is processed. */
  MARK_AFTER {
    @Override
    void claim(World world, int w) {
      world.hand[w] = world.claim[0] == 0 ? Hand.ADMITTED : Hand.DROPPED;
    }
  };

  abstract void claim(World world, int w);

  boolean hasGenerations() {
    return this != MARK_BEFORE && this != MARK_AFTER;
  }

  boolean fences() {
    return this != WITHOUT_FENCE;
  }

  boolean clears() {
    return this != WITHOUT_CLEARING;
  }

  boolean rewinds() {
    return this != WITHOUT_REWIND;
  }

  boolean asksTheLog() {
    return this != WITHOUT_LOG;
  }

  boolean waits() {
    return this != WITHOUT_WAIT;
  }

  boolean marksAfter() {
    return this == MARK_AFTER;
  }
}
