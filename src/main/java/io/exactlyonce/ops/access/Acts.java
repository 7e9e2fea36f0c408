package io.exactlyonce.ops.access;

import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The last things that operators did over HTTP, the newest last; any thread may call it. */
@Singleton
public final class Acts {
  private static final int MAX = 100;

  private final Deque<Act> acts = new ArrayDeque<>();
  private long number;

  /**
   * Something that was asked for with a token.
   *
   * @param number counts all of them since the start, from 1 on
   * @param who the token's name
   * @param what method and path
   * @param from the client's address
   * @param status of the answer: below 300 it was done
   */
  public record Act(long number, Instant at, String who, String what, String from, int status) {}

  synchronized void add(Instant at, String who, String what, String from, int status) {
    acts.addLast(new Act(++number, at, who, what, from, status));
    if (acts.size() > MAX) {
      acts.removeFirst();
    }
  }

  /** Those after this number that are still remembered. */
  public synchronized List<Act> after(long number) {
    return acts.stream().filter(act -> act.number > number).toList();
  }
}
