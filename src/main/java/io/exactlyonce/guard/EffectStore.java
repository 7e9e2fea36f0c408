package io.exactlyonce.guard;

import org.jspecify.annotations.Nullable;

/**
 * Keeps results of effects for as long as claims are held. Called by several handler threads at
 * once.
 */
public interface EffectStore extends AutoCloseable {
  /** It does not answer now; nothing is known of what was asked. */
  final class AwayException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public AwayException(Throwable cause) {
      super(cause);
    }
  }

  /**
   * @return null where nothing is recorded
   * @throws AwayException to be tried again
   */
  byte @Nullable [] find(String effect, String eventId);

  /**
   * Records a result, unless one is recorded: then that one stands.
   *
   * @return what stands
   * @throws AwayException to be tried again
   */
  byte[] record(String effect, String eventId, byte[] result);

  @Override
  void close();

  /** For pipelines without Redis: whoever asks for an effect is told what to change. */
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
