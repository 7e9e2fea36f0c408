package io.exactlyonce.engine.handling;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A call of a handler took longer than {@code handler-timeout}. */
public final class HandlerTimeoutException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  HandlerTimeoutException(Duration limit, @Nullable Throwable thrown) {
    super("interrupted: it took longer than handler-timeout, " + limit.toMillis() + "ms", thrown);
  }
}
