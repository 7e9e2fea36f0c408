package io.exactlyonce.demo;

import java.util.ArrayDeque;
import java.util.Deque;

/** Closes resources once, in the reverse order of their adding. */
final class Closing implements AutoCloseable {
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  synchronized <T extends AutoCloseable> T add(T resource) {
    open.push(resource);
    return resource;
  }

  @Override
  public synchronized void close() {
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) { // the next one has to be closed all the same
        System.err.println("did not close: " + e);
      }
    }
  }
}
