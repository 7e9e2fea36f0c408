package io.exactlyonce.guard;

import org.jspecify.annotations.Nullable;

/**
 * A store of the results of effects, which keeps each at least as long as claims are held. Called
 * by several handler threads at once.
 */
public interface EffectStore extends AutoCloseable {
  /** The store did not answer; whether it did what was asked is not known. */
  final class AwayException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public AwayException(Throwable cause) {
      super(cause);
    }
  }

  /**
   * The recorded result of an effect of an event.
   *
   * @return null where none is recorded
   * @throws AwayException to be tried again
   */
  byte @Nullable [] find(String effect, String eventId);

  /**
   * Records a result, unless one is recorded already.
   *
   * @return the result that is recorded: this one, or the earlier one
   * @throws AwayException to be tried again
   */
  byte[] record(String effect, String eventId, byte[] result);

  @Override
  void close();

  /** A store for pipelines without Redis: each call throws, with the setting to change. */
  static EffectStore none() {
    return new EffectStore() {
      @Override
      public byte[] find(String effect, String eventId) {
        throw new IllegalStateException(
            "effect " + effect + " cannot be kept: effects need guard.store: redis");
      }

      @Override
      public byte[] record(String effect, String eventId, byte[] result) {
        return find(effect, eventId);
      }

      @Override
      public void close() {}
    };
  }
}
