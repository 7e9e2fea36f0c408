package io.exactlyonce.guard.redis;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Model of the claim script without Redis. A spec compares it to the script on random calls; the
 * explorer decides by the same {@link #decide}.
 */
public final class ClaimModel {
  /** Results of a claim. */
  public enum Verdict {
    LOST,
    CLAIMED,
    RECOGNISED,
    DUPLICATE
  }

  /** The claims are not those that the caller trusts, so that it must not go on. */
  static final class LostException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private String generation = "";
  private String keptBy = "";
  private long highest;
  private int older;
  private final Map<Long, Map<String, String>> slices = new HashMap<>();

  /**
   * Decides on one claim.
   *
   * @param trusted whether generation, server and slices are those that the claim expects
   * @param held the position that holds the claim; null where none does
   */
  public static Verdict decide(boolean trusted, Object held, Object position) {
    if (!trusted) {
      return Verdict.LOST;
    }
    if (held == null) {
      return Verdict.CLAIMED;
    }
    return held.equals(position) ? Verdict.RECOGNISED : Verdict.DUPLICATE;
  }

  /** Claims each key for its position. Returns the indexes, from 1, of the duplicates. */
  List<Long> claim(
      String expected, String server, long now, List<String> keys, List<String> positions) {
    long slice = Math.max(now, highest);
    long steps = slice - highest;
    int before = steps == 0 ? older : older(steps);
    boolean trusted =
        expected.equals(generation) && server.equals(keptBy) && isWhole(slice, steps, before);
    if (decide(trusted, null, "") == Verdict.LOST) {
      throw new LostException();
    }
    highest = slice;
    older = before;
    Map<String, String> current = slices.computeIfAbsent(slice, s -> new HashMap<>());
    List<Long> duplicates = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      switch (decide(true, held(keys.get(i)), positions.get(i))) {
        case CLAIMED -> current.put(keys.get(i), positions.get(i));
        case DUPLICATE -> duplicates.add(i + 1L);
        default -> {}
      }
    }
    return duplicates;
  }

  /**
   * The bits of {@code older} for a new slice, which is {@code steps} after the highest so far: 1
   * and 2, where the last slice and the one before that exist.
   */
  private int older(long steps) {
    boolean[] there = new boolean[3];
    there[0] = true;
    there[1] = (older & 1) != 0;
    there[2] = (older & 2) != 0;
    int next = 0;
    for (int back = 0; back < 3; back++) {
      long distance = back + steps;
      if (there[back] && distance <= 2) {
        next |= distance == 1 ? 1 : 2;
      }
    }
    return next;
  }

  private boolean isWhole(long slice, long steps, int before) {
    return (steps > 0 || slices.containsKey(slice))
        && ((before & 1) == 0 || slices.containsKey(slice - 1))
        && ((before & 2) == 0 || slices.containsKey(slice - 2));
  }

  private String held(String key) {
    for (int back = 0; back < 3; back++) {
      boolean isExpected = back == 0 || (older & back) != 0;
      String held = isExpected ? slices.getOrDefault(highest - back, Map.of()).get(key) : null;
      if (held != null) {
        return held;
      }
    }
    return null;
  }

  /** Replaces all claims by these, under the next generation, as a rebuild does. */
  void publish(String next, String server, long slice, Map<String, String> claims) {
    slices.clear();
    slices.put(slice, new HashMap<>(claims));
    generation = next;
    keptBy = server;
    highest = slice;
    older = 0;
  }

  void loseSlice(long slice) {
    slices.remove(slice);
  }

  void loseAll() {
    slices.clear();
    generation = "";
    keptBy = "";
    highest = 0;
    older = 0;
  }

  long highest() {
    return highest;
  }
}
