package io.exactlyonce.engine.worker;

import io.exactlyonce.engine.status.Rebalances;
import java.util.Collection;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Kafka's rebalance callbacks, which run inside {@code poll} on the worker's thread, counted. Lost
 * is not revoked: its default would call it, and commit what belongs to others.
 */
final class RevocationListener implements ConsumerRebalanceListener {
  /** What the worker does about each. */
  interface Reactions {
    void handleAssigned(Collection<TopicPartition> assigned);

    void handleRevoked(Collection<TopicPartition> revoked);

    void handleLost(Collection<TopicPartition> lost);
  }

  private final String worker;
  private final OwnerThread owner;
  private final Reactions reactions;
  private final Rebalances rebalances;

  /** When the rebalance that is under way began to let partitions go; null while there is none. */
  private @Nullable Long since;

  /** Partitions that it took so far. */
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

  /** When it began, in {@link System#nanoTime}'s time. */
  private long begin() {
    long from = since == null ? System.nanoTime() : since;
    since = from;
    return from;
  }
}
