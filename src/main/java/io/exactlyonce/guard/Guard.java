package io.exactlyonce.guard;

import java.util.BitSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.Uuid;

/** Recognises upstream duplicates by claims on event ids. One per worker; called on its thread. */
public interface Guard extends AutoCloseable {

  /**
   * Claims each key for its position, unless another position holds it. To claim again is harmless:
   * a position does not conflict with its own claim.
   *
   * @return the indexes in the batch of the duplicates: another position holds their claim. Fails
   *     with {@link GuardLostException} where the store's claims cannot be trusted, with {@link
   *     GuardRenewedException} where {@link #adopt} has to be called first, with {@link
   *     GuardUnavailableException} where the store does not answer or refuses, and with a {@link
   *     org.apache.kafka.common.KafkaException} where the log of the claims cannot be read; then no
   *     record of the batch may be processed
   */
  CompletableFuture<BitSet> claim(ClaimBatch batch);

  /**
   * Finds out which replayed records of the batch may take a claim over. To be called before {@link
   * #claim} where {@link ClaimBatch#needsLookUp}. It runs away from the worker's thread and claims
   * nothing: the worker claims later, under the generation that it has adopted by then, and not at
   * all if it has dropped the records meanwhile.
   */
  default CompletableFuture<Void> lookUp(ClaimBatch batch) {
    return CompletableFuture.completedFuture(null);
  }

  /**
   * Deletes claims of deleted topics at positions that were not processed and that nothing can
   * commit any more. Otherwise copies of these events in the topic that has the name now would be
   * dropped as duplicates, though none was processed. Claims below the given offsets stay: these
   * records were processed, and copies of them are duplicates. Runs away from the worker's thread;
   * may be repeated.
   *
   * @param processed by the id of each deleted topic and by partition, the offset up to which
   *     records were processed, exclusive; none were in a partition that is absent. Called away
   *     from the worker's thread, and may block
   * @return fails as {@link #claim} does, or with what {@code processed} throws, where not all of
   *     these claims are deleted; to be tried again
   */
  default CompletableFuture<Void> release(Supplier<Map<Uuid, Map<Integer, Long>>> processed) {
    return CompletableFuture.completedFuture(null);
  }

  /**
   * Deletes all claims of deleted topics whose ids are in no offset and no receipt: a worker that
   * ended before anything of its topic was committed left only claims. Runs away from the worker's
   * thread; may be repeated.
   *
   * @param forgotten picks, of all topics that claims are held for, those that are deleted and of
   *     which nothing was processed. Called away from the worker's thread, and may block
   * @return fails as {@link #release} does
   */
  default CompletableFuture<Void> releaseForgotten(UnaryOperator<Set<TopicTag>> forgotten) {
    return CompletableFuture.completedFuture(null);
  }

  /**
   * Adopts the generation of claims that is valid now; later claims carry it.
   *
   * <p>To be called while the worker holds no records, and before it asks the broker for its
   * partitions' offsets. A record that it read before may have been committed by another owner
   * since, as a duplicate, and the claim that made it one may be lost. Claimed again under the new
   * generation, the record would hold the claim without being processed, and every other copy of
   * the event would be dropped.
   *
   * <p>To be called after the worker's producers are made. Producers that were made before a
   * rebuild are fenced by it; a worker that makes them later finds the rebuild in the log.
   *
   * @throws GuardLostException where claims of another generation than the log's newest stand; try
   *     again
   * @throws org.apache.kafka.common.KafkaException where the log cannot be read
   */
  default void adopt() {}

  /** The adopted generation, which receipts carry; empty where there is none. */
  default String generation() {
    return "";
  }

  @Override
  void close();

  /** A guard that finds no duplicates, for pipelines that turn the guard off. */
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
