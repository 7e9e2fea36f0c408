package io.exactlyonce.guard;

import java.util.BitSet;
import java.util.concurrent.CompletableFuture;

/** Tells upstream duplicates by claims on event ids. One per worker; called on its thread. */
public interface Guard extends AutoCloseable {

  /**
   * Claims each key for its position, unless another position holds it.
   *
   * @return the indexes of the batch that are duplicates: another position holds their claim. Fails
   *     with {@link GuardLostException} where the store's claims cannot be trusted, and with the
   *     client's exception where it did not answer; nothing may then be processed. To claim again
   *     is harmless: a position recognises its own claim.
   */
  CompletableFuture<BitSet> claim(ClaimBatch batch);

  @Override
  void close();

  /** Admits everything: for pipelines that turn the guard off. */
  static Guard off() {
    return new Guard() {
      @Override
      public CompletableFuture<BitSet> claim(ClaimBatch batch) {
        return CompletableFuture.completedFuture(new BitSet());
      }

      @Override
      public void close() {}
    };
  }
}
