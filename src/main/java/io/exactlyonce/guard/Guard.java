package io.exactlyonce.guard;

import java.util.BitSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.Uuid;

/** Tells upstream duplicates by claims on event ids. One per worker; called on its thread. */
public interface Guard extends AutoCloseable {

  /**
   * Claims each key for its position, unless another position holds it.
   *
   * @return the indexes of the batch that are duplicates: another position holds their claim. Fails
   *     with {@link GuardLostException} where the store's claims cannot be trusted, with {@link
   *     GuardRenewedException} where {@link #adopt} has to be called first, and with the client's
   *     exception where it did not answer; nothing may then be processed. To claim again is
   *     harmless: a position recognises its own claim.
   */
  CompletableFuture<BitSet> claim(ClaimBatch batch);

  /**
   * To be called before {@link #claim} where the batch holds replayed records: finds out, away from
   * the worker's thread, which of them may take a claim over. The claim itself is made on the
   * worker's thread, with the generation that it has adopted; by then the worker may have dropped
   * the records, and then nothing is claimed for them.
   */
  default CompletableFuture<Void> lookUp(ClaimBatch batch) {
    return CompletableFuture.completedFuture(null);
  }

  /**
   * Deletes the claims of topics that are gone at positions that nothing can commit any more, away
   * from the worker's thread: the events are not processed, and their copies in the topic that has
   * the name now would be taken for duplicates of them. It may be repeated. What stands below the
   * offsets was processed, and its copies are duplicates.
   *
   * @param processed by topic and partition, up to where records of the gone topics are processed;
   *     of a partition that is absent none is. Asked away from the worker's thread, and may wait
   * @return fails as {@link #claim} does where the claims are not all deleted, and with what {@code
   *     processed} fails with; to be tried again
   */
  default CompletableFuture<Void> release(Supplier<Map<Uuid, Map<Integer, Long>>> processed) {
    return CompletableFuture.completedFuture(null);
  }

  /**
   * Deletes the claims of topics that nobody can name by their ids any more: a worker that ended
   * before anything of its topic was committed left nothing but its claims. Away from the worker's
   * thread; it may be repeated.
   *
   * @param forgotten picks, of all topics that claims are held for, those that are gone and of
   *     which nothing was processed. Asked away from the worker's thread, and may wait
   * @return fails as {@link #release} does
   */
  default CompletableFuture<Void> releaseForgotten(UnaryOperator<Set<TopicTag>> forgotten) {
    return CompletableFuture.completedFuture(null);
  }

  /**
   * Claims from here on carry the generation that stands now. To be called with nothing in hand,
   * and before the broker is asked where partitions stand: a record from before could be committed
   * by another owner since, as a duplicate of a claim that is lost. Claimed now, it would keep the
   * event's other copies from ever being processed. To be called with the worker's producers made:
   * those made before a rebuild are fenced by it, and those made later find it in the log.
   *
   * @throws GuardLostException where claims of another generation than the log's newest stand; try
   *     again
   * @throws org.apache.kafka.common.KafkaException where the log cannot be read
   */
  default void adopt() {}

  /** The generation that was adopted, for receipts; empty where there is none. */
  default String generation() {
    return "";
  }

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
