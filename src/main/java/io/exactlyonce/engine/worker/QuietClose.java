package io.exactlyonce.engine.worker;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes a client and only logs a failure, which must not keep the others from being closed. */
final class QuietClose {
  private static final Logger LOG = LoggerFactory.getLogger(QuietClose.class);

  private QuietClose() {}

  /**
   * @param client null where it was never made
   */
  static void close(String owner, String what, @Nullable AutoCloseable client) {
    if (client == null) {
      return;
    }
    try {
      client.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) { // what AutoCloseable declares; no outcome depends on it
      LOG.warn("{}: {} did not close: {}", owner, what, e.toString());
    }
  }
}
