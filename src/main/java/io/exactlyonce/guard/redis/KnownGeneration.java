package io.exactlyonce.guard.redis;

import io.exactlyonce.guard.ClaimsState;
import io.exactlyonce.guard.ClaimsState.Standing;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The generation of claims that is trusted, and since when. Any thread may call it. */
final class KnownGeneration {
  private final LongSupplier nanoTime;
  private volatile ClaimsState state;

  KnownGeneration(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.state = new ClaimsState(Standing.AWAY, "", nanoTime.getAsLong());
  }

  /** The generation; null while none is trusted. */
  @Nullable String get() {
    String generation = state.generation();
    return generation.isEmpty() ? null : generation;
  }

  void set(String generation) {
    become(Standing.KNOWN, generation);
  }

  void forget() {
    become(Standing.AWAY, "");
  }

  /** Runs a rebuild. The generation before stays trusted until the rebuild sets another. */
  long whileRebuilding(LongSupplier rebuild) {
    begin();
    try {
      return rebuild.getAsLong();
    } finally {
      end();
    }
  }

  private synchronized void begin() {
    become(Standing.REBUILDING, state.generation());
  }

  private synchronized void end() {
    String generation = state.generation();
    become(generation.isEmpty() ? Standing.AWAY : Standing.KNOWN, generation);
  }

  ClaimsState state() {
    return state;
  }

  private synchronized void become(Standing standing, String generation) {
    if (state.standing() != standing || !state.generation().equals(generation)) {
      state = new ClaimsState(standing, generation, nanoTime.getAsLong());
    }
  }
}
