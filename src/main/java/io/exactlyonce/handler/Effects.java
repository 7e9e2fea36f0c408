package io.exactlyonce.handler;

import org.jspecify.annotations.Nullable;

/**
 * Calls out of Kafka that a rerun of the handler must not repeat: {@code
 * event.effects().once("charge", () -> bank.charge(...))}.
 *
 * <p>The result is kept beside the claim on the event id, for {@code guard.window}. A handler that
 * runs again for the same event (after an abort, a crash or a retry, or because its dead letter was
 * replayed) gets the recorded result and does not call again.
 *
 * <p><b>What it cannot promise.</b> Where the process dies between the call and its record, nobody
 * knows that the call was made, and the rerun makes it again. So it does where the call took longer
 * than its time limit, or threw; where two workers handle the event at once because one was taken
 * for dead; and where Redis lost its data, since results are in no log that they could be rebuilt
 * from. Therefore give the remote {@link Event#idempotencyKey()}, which is the same at each of
 * these calls: with a remote that honours it the effect happens once.
 */
public interface Effects {
  /** A result is an id or a status, not a document: what is larger is refused. */
  int MAX_RESULT_BYTES = 16 * 1024;

  /** What is to be done once. */
  @FunctionalInterface
  interface Call {
    /**
     * @return what later runs need of the answer; may be null. At most {@link #MAX_RESULT_BYTES} of
     *     UTF-8
     */
    @Nullable String get() throws Exception;
  }

  /**
   * The recorded result of this effect of the event; without one, makes the call and records its
   * result before it returns. While Redis is away it waits.
   *
   * @param name tells the effects of one event apart, and is the same at each run: 1 to 64 letters,
   *     digits, dots, dashes and underscores
   * @throws Exception what the call threw: nothing is recorded, and the next attempt calls again.
   *     {@link java.util.concurrent.TimeoutException} where it took longer than {@code
   *     effects.timeout}: it is interrupted, and whether it had its effect is not known
   */
  @Nullable String once(String name, Call call) throws Exception;

  /** For handlers' specs: results are kept as long as this object. */
  static Effects inMemory() {
    return new EffectsInMemory();
  }
}
