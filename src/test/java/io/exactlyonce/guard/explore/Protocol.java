package io.exactlyonce.guard.explore;

import io.exactlyonce.guard.explore.World.Hand;
import io.exactlyonce.guard.redis.ClaimModel;

/**
 * Ways in which a worker decides whether an event was processed already: the product's, and some
 * that are wrong.
 */
public enum Protocol {
  /**
   * The product's: a record is processed if its position holds the claim, and a rebuild fences
   * first.
   */
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
  /**
   * As BY_POSITION, but a rebuild fences no producers of records admitted under the lost claims.
   */
  WITHOUT_FENCE {
    @Override
    void claim(World world, int w) {
      BY_POSITION.claim(world, w);
    }
  },
  /** As BY_POSITION, but a worker adopts the next generation while it holds records. */
  WITHOUT_REWIND {
    @Override
    void claim(World world, int w) {
      BY_POSITION.claim(world, w);
    }
  },
  /** As BY_POSITION, but a rebuild keeps the claims that it finds in Redis. */
  WITHOUT_CLEARING {
    @Override
    void claim(World world, int w) {
      BY_POSITION.claim(world, w);
    }
  },
  /** As BY_POSITION, but a worker adopts any generation that its Redis holds. */
  WITHOUT_LOG {
    @Override
    void claim(World world, int w) {
      BY_POSITION.claim(world, w);
    }
  },
  /** As BY_POSITION, but a worker reads the log while a generation is being announced. */
  WITHOUT_WAIT {
    @Override
    void claim(World world, int w) {
      BY_POSITION.claim(world, w);
    }
  },
  /** The id is marked, then the record is processed: a crash in between loses the event. */
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
