package io.exactlyonce.cli;

import java.util.concurrent.locks.LockSupport;

/**
 * The application with a shutdown hook, as a user's library may add one, that never ends: it parks,
 * or, with the system property {@code hook=flood}, writes to standard output for ever.
 */
public final class HangingServe {
  private HangingServe() {}

  public static void main(String[] args) throws InterruptedException {
    Runnable hook =
        "flood".equals(System.getProperty("hook")) ? HangingServe::flood : HangingServe::park;
    Runtime.getRuntime().addShutdownHook(new Thread(hook, "users-hook"));
    Main.main(args);
  }

  private static void park() {
    while (true) {
      LockSupport.parkNanos(Long.MAX_VALUE);
    }
  }

  /** Where nobody reads it, it holds up whoever writes a line of the log. */
  private static void flood() {
    while (true) {
      System.out.println("a line of a library that has much to say when it ends");
    }
  }
}
