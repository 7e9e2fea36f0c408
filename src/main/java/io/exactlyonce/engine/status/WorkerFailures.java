package io.exactlyonce.engine.status;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Failures so far of the workers with one worker id, which follow each other.
 *
 * @param count since the pipeline started, or since scaling added the id
 * @param lastAt when the last one failed; null while none has
 * @param last why the last one failed; empty while none has
 */
public record WorkerFailures(int count, @Nullable Instant lastAt, String last) {
  public static final WorkerFailures NONE = new WorkerFailures(0, null, "");

  public WorkerFailures and(Throwable failure, Instant at) {
    return new WorkerFailures(count + 1, at, failure.toString());
  }
}
