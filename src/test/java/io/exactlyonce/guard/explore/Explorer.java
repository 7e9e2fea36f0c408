package io.exactlyonce.guard.explore;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Model checker: visits every world that can follow from the first one, nearest first, so that the
 * trace to a violation is a shortest one. Three things must hold: the event never has two effects;
 * once both its copies are committed it has one; and from every world there is a way to that end.
 */
public final class Explorer {
  /**
   * Result of an exploration.
   *
   * @param worlds number of worlds
   * @param ends number of worlds that are done
   * @param wrong the condition that does not hold; empty where all hold
   * @param trace the steps to the violation
   */
  public record Result(int worlds, int ends, String wrong, List<String> trace) {}

  private final Steps steps;
  private final Worlds worlds = new Worlds();
  private final List<String> names = new ArrayList<>();
  private final IntList edgesFrom = new IntList();
  private final IntList edgesTo = new IntList();

  private Explorer(Protocol protocol) {
    this.steps = new Steps(protocol);
  }

  /** Explores all that can happen with at most so many accidents of each kind. */
  public static Result explore(
      Protocol protocol, int crashes, int moves, int losses, int timeouts, int lapses, int cuts) {
    World first = new World();
    first.crashes = crashes;
    first.moves = moves;
    first.losses = losses;
    first.timeouts = timeouts;
    first.lapses = lapses;
    first.cuts = cuts;
    return new Explorer(protocol).run(first);
  }

  private Result run(World first) {
    worlds.add(first.pack(), -1);
    int ends = 0;
    for (int at = 0; at < worlds.size(); at++) {
      World world = World.unpack(worlds.get(at));
      String wrong = wrong(world);
      if (!wrong.isEmpty()) {
        return new Result(worlds.size(), ends, wrong, trace(at));
      }
      ends += world.isDone() ? 1 : 0;
      int from = at;
      steps.from(
          worlds.get(at),
          (name, next) -> {
            edgesFrom.add(from);
            edgesTo.add(worlds.add(next.pack(), from));
          });
    }
    int stuck = stuck();
    return stuck < 0
        ? new Result(worlds.size(), ends, "", List.of())
        : new Result(worlds.size(), ends, "there is no way to the end", trace(stuck));
  }

  private static String wrong(World world) {
    if (world.effects() > 1) {
      return "duplicated";
    }
    return world.committed[0] && world.committed[1] && world.effects() == 0 ? "lost" : "";
  }

  /** A world from which no end can be reached; -1 where there is none. */
  private int stuck() {
    boolean[] leads = new boolean[worlds.size()];
    for (int i = 0; i < leads.length; i++) {
      leads[i] = World.unpack(worlds.get(i)).isDone();
    }
    // Edges are in the order of their sources: backwards, one pass settles most of them.
    boolean changed = true;
    while (changed) {
      changed = false;
      for (int e = edgesFrom.size() - 1; e >= 0; e--) {
        if (!leads[edgesFrom.get(e)] && leads[edgesTo.get(e)]) {
          leads[edgesFrom.get(e)] = true;
          changed = true;
        }
      }
    }
    for (int i = 0; i < leads.length; i++) {
      if (!leads[i]) {
        return i;
      }
    }
    return -1;
  }

  private List<String> trace(int end) {
    names.clear();
    for (int at = end; worlds.parent(at) >= 0; at = worlds.parent(at)) {
      int child = at;
      String[] found = {"?"};
      steps.from(
          worlds.get(worlds.parent(at)),
          (name, next) -> {
            if (next.pack() == worlds.get(child)) {
              found[0] = name + ":" + next;
            }
          });
      names.add(found[0]);
    }
    Collections.reverse(names);
    return List.copyOf(names);
  }
}
