package io.exactlyonce.engine.worker;

import io.exactlyonce.engine.status.Rebalances;
import java.util.Collection;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Passes Kafka's rebalance callbacks on and counts them; they run inside {@code poll} on the
 * worker's thread. The default of {@code onPartitionsLost} is {@code onPartitionsRevoked}, which
 * would commit records of partitions that others own.
 */
final class RevocationListener implements ConsumerRebalanceListener {
  /** The worker's reaction to each callback. */
  interface Reactions {
    void handleAssigned(Collection<TopicPartition> assigned);

    void handleRevoked(Collection<TopicPartition> revoked);

    void handleLost(Collection<TopicPartition> lost);
  }

  private final String worker;
  private final OwnerThread owner;
  private final Reactions reactions;
  private final Rebalances rebalances;

  /** When the rebalance under way took its first partition; null while there is none. */
  private @Nullable Long since;

  /** Partitions that it has revoked, and lost, so far. */
  private int revoked;

  private int lost;

  RevocationListener(String worker, OwnerThread owner, Reactions reactions, Rebalances rebalances) {
    this.worker = worker;
    this.owner = owner;
    this.reactions = reactions;
    this.rebalances = rebalances;
  }

  /** Ends a rebalance, also where it gives this worker nothing. */
  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    owner.check();
    boolean hasBegun = since != null;
    long from = begin();
    if (!partitions.isEmpty()) {
      rebalances.count.increment();
      rebalances.assigned.add(partitions.size());
      reactions.handleAssigned(partitions);
    }
    if (hasBegun || !partitions.isEmpty()) {
      long now = System.nanoTime();
      rebalances.postAssigned(
          new Rebalances.Rebalance(worker, now, now - from, partitions.size(), revoked, lost));
    }
    revoked = 0;
    lost = 0;
    since = null;
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    owner.check();
    if (!partitions.isEmpty()) {
      begin();
      revoked += partitions.size();
      rebalances.revoked.add(partitions.size());
      reactions.handleRevoked(partitions);
    }
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    owner.check();
    if (!partitions.isEmpty()) {
      begin();
      lost += partitions.size();
      rebalances.lost.add(partitions.size());
      reactions.handleLost(partitions);
    }
  }

  /** When the rebalance began, in {@link System#nanoTime}'s time; by now at the latest. */
  private long begin() {
    long from = since == null ? System.nanoTime() : since;
    since = from;
    return from;
  }
}
