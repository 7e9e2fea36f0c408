package io.exactlyonce.engine.handling;

import org.jspecify.annotations.Nullable;

/**
 * A record becomes a dead letter, since it fails however often it is handled; the message is the
 * reason in that.
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
