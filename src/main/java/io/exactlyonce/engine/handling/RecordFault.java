package io.exactlyonce.engine.handling;

import org.jspecify.annotations.Nullable;

/** Why a record is a dead letter however often it is handled; the message is the reason in it. */
final class RecordFault extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * @param cause what user code threw; null where that is not the reason
   */
  RecordFault(String reason, @Nullable Throwable cause) {
    super(reason, cause, false, false);
  }
}
