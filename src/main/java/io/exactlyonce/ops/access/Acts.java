package io.exactlyonce.ops.access;

import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The last 100 acts of operators over HTTP, the newest last. Any thread may call it. */
@Singleton
public final class Acts {
  private static final int MAX = 100;

  private final Deque<Act> acts = new ArrayDeque<>();
  private long number;

  /**
   * A request with an admin token to change something.
   *
   * @param number of the act since the start, from 1 on
   * @param who name of the token
   * @param what method and path
   * @param from address of the client
   * @param status HTTP status of the answer: below 300 it was done
   */
  public record Act(long number, Instant at, String who, String what, String from, int status) {}

  synchronized void add(Instant at, String who, String what, String from, int status) {
    acts.addLast(new Act(++number, at, who, what, from, status));
    if (acts.size() > MAX) {
      acts.removeFirst();
    }
  }

  /** Acts with a greater number, as far as they are remembered. */
  public synchronized List<Act> after(long number) {
    return acts.stream().filter(act -> act.number > number).toList();
  }
}
