package io.exactlyonce.console;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Rates and lag of a pipeline in the last 180 seconds, one value for each sample. Any thread may
 * call it.
 */
final class History {
  private static final int SECONDS = 180;

  private record Second(double read, double done, double lag) {}

  private final Deque<Second> seconds = new ArrayDeque<>();

  synchronized void add(double read, double done, double lag) {
    seconds.addLast(new Second(read, done, lag));
    if (seconds.size() > SECONDS) {
      seconds.removeFirst();
    }
  }

  synchronized Live.OfHistory view() {
    List<Second> all = new ArrayList<>(seconds);
    return new Live.OfHistory(
        all.stream().map(Second::read).toList(),
        all.stream().map(Second::done).toList(),
        all.stream().map(Second::lag).toList());
  }
}
