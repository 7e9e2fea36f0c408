package io.exactlyonce.engine;

/** Something besides Kafka that must answer before a pipeline starts. */
@FunctionalInterface
public interface Backend {
  /** It does not answer now; the message says what is waited for. */
  final class UnreachableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnreachableException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * @throws UnreachableException to be tried again
   * @throws io.exactlyonce.config.ConfigurationException where trying again cannot help
   */
  void check();
}
