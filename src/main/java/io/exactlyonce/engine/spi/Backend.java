package io.exactlyonce.engine.spi;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A service besides Kafka that must answer before a pipeline starts. */
@FunctionalInterface
public interface Backend {
  /** The backend does not answer now; the message says what is waited for. */
  final class UnreachableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnreachableException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Checks whether the backend answers and suits the pipeline; may wait for its answer.
   *
   * @throws UnreachableException where it does not answer; to be called again
   * @throws io.exactlyonce.config.ConfigurationException where calling again cannot help
   */
  void check();

  /** Findings about the backend that do not stop the pipeline, for its status. */
  default List<String> warnings() {
    return List.of();
  }

  /** Kind and address of the backend, without a password; empty where there is none. */
  default String address() {
    return "";
  }

  /** Sends a request without waiting for the answer; the stage fails where no answer comes. */
  default CompletionStage<?> ask() {
    return CompletableFuture.completedFuture(null);
  }
}
