package io.exactlyonce.engine.spi;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Something besides Kafka that must answer before a pipeline starts. */
@FunctionalInterface
public interface Backend {
  /** It does not answer now; the message says what is waited for. */
  final class UnreachableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnreachableException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * @throws UnreachableException to be tried again
   * @throws io.exactlyonce.config.ConfigurationException where trying again cannot help
   */
  void check();

  /** What works there but should be known of. */
  default List<String> warnings() {
    return List.of();
  }

  /** Its kind and where it is, without a password; empty where there is nothing to ask. */
  default String address() {
    return "";
  }

  /** Asks for a sign of life without waiting for it; fails where there is none. */
  default CompletionStage<?> ask() {
    return CompletableFuture.completedFuture(null);
  }
}
