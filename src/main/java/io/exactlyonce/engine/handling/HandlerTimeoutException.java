package io.exactlyonce.engine.handling;

import java.time.Duration;

/** A handler was at one record for longer than {@code handler-timeout}. */
public final class HandlerTimeoutException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  HandlerTimeoutException(Duration limit, Throwable thrown) {
    super("interrupted: it took longer than handler-timeout, " + limit.toMillis() + "ms", thrown);
  }
}
