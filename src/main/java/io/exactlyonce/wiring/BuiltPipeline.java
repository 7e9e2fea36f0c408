package io.exactlyonce.wiring;

import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.guard.ClaimsState;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A pipeline and what has to be closed behind it.
 *
 * @param claims how they stand; empty where there is no guard
 * @param behind closed once the pipeline is
 */
public record BuiltPipeline(
    Pipeline pipeline, Supplier<Optional<ClaimsState>> claims, AutoCloseable behind)
    implements AutoCloseable {
  @Override
  public void close() {
    pipeline.close();
    try {
      behind.close();
    } catch (Exception e) {
      throw new IllegalStateException("the guard's connections did not close", e);
    }
  }
}
