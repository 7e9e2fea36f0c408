package io.exactlyonce.handler;

import org.jspecify.annotations.Nullable;

/**
 * Calls outside of Kafka that a rerun of the handler must not repeat: {@code
 * event.effects().once("charge", () -> bank.charge(...))}.
 *
 * <p>The result is kept beside the claim on the event id, for at least {@code guard.window}. A
 * handler that runs again for the same event (after an abort, a crash or a retry, or because its
 * dead letter was replayed) gets the recorded result and does not call again.
 *
 * <p><b>What it cannot promise.</b> The rerun calls again where the process died after the call and
 * before its result was recorded; where the call threw, or took longer than its time limit; where
 * two workers handle the event at once, because one was taken for dead; and where Redis lost its
 * data, since results are in no log that they could be rebuilt from. Therefore give the remote
 * system {@link Event#idempotencyKey()}, which is the same at each of these calls: with a system
 * that honours it the effect happens once.
 */
public interface Effects {
  /** Longest result, in bytes of UTF-8: for an id or a status, not for a document. */
  int MAX_RESULT_BYTES = 16 * 1024;

  /** The call that is to be made once. */
  @FunctionalInterface
  interface Call {
    /**
     * Makes the call.
     *
     * @return what later runs need of the answer; may be null. At most {@link #MAX_RESULT_BYTES} of
     *     UTF-8
     * @throws Exception anything: it reaches the handler, and nothing is recorded
     */
    @Nullable String get() throws Exception;
  }

  /**
   * The recorded result of this effect of the event; without one, makes the call and records its
   * result before it returns. Waits while Redis does not answer.
   *
   * @param name tells the effects of one event apart, and is the same at each run: 1 to 64 letters,
   *     digits, dots, dashes and underscores
   * @throws IllegalArgumentException where the name has another form
   * @throws IllegalStateException where the result is too long: the call was made, and is not
   *     repeated; where the pipeline stops, or drops the record, while this waits for Redis; and
   *     where {@code guard.store} is off
   * @throws Exception what the call threw: nothing is recorded, and the next attempt calls again.
   *     {@link java.util.concurrent.TimeoutException} where it took longer than {@code
   *     effects.timeout}: it is interrupted, and whether it had its effect is not known
   */
  @Nullable String once(String name, Call call) throws Exception;

  /** Effects for tests of handlers: results are kept as long as this object. */
  static Effects inMemory() {
    return new EffectsInMemory();
  }
}
