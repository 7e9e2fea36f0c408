package io.exactlyonce.engine.status;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How the workers of one place failed so far.
 *
 * @param count since the pipeline started, or since the place was filled by scaling
 * @param lastAt null while there was none
 * @param last why the last one ended; empty while there was none
 */
public record WorkerFailures(int count, @Nullable Instant lastAt, String last) {
  public static final WorkerFailures NONE = new WorkerFailures(0, null, "");

  public WorkerFailures and(Throwable failure, Instant at) {
    return new WorkerFailures(count + 1, at, failure.toString());
  }
}
