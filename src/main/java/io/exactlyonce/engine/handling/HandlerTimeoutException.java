package io.exactlyonce.engine.handling;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A handler was at one record for longer than {@code handler-timeout}. */
public final class HandlerTimeoutException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  HandlerTimeoutException(Duration limit, @Nullable Throwable thrown) {
    super("interrupted: it took longer than handler-timeout, " + limit.toMillis() + "ms", thrown);
  }
}
