package io.exactlyonce.wiring;

import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.guard.ClaimsState;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A pipeline, with what is closed after it: codecs and the guard's connections.
 *
 * @param claims the state of the guard's claims; empty where there is no guard
 * @param behind closed after the pipeline
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
