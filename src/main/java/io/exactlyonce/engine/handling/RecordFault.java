package io.exactlyonce.engine.handling;

import org.jspecify.annotations.Nullable;

/**
 * A record fails however often it is handled, and becomes a dead letter; the message is the reason
 * in that.
 */
final class RecordFault extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * @param cause what user code threw; null where it threw nothing
   */
  RecordFault(String reason, @Nullable Throwable cause) {
    super(reason, cause, false, false);
  }
}
