package io.exactlyonce.engine.worker;

import java.util.Collection;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.common.TopicPartition;

/**
 * Kafka's rebalance callbacks, which run inside {@code poll} on the worker's thread. Lost is not
 * revoked: its default would call it, and commit what belongs to others.
 */
final class RevocationListener implements ConsumerRebalanceListener {
  /** What the worker does about each. */
  interface Reactions {
    void handleAssigned(Collection<TopicPartition> assigned);

    void handleRevoked(Collection<TopicPartition> revoked);

    void handleLost(Collection<TopicPartition> lost);
  }

  private final OwnerThread owner;
  private final Reactions reactions;

  RevocationListener(OwnerThread owner, Reactions reactions) {
    this.owner = owner;
    this.reactions = reactions;
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    owner.check();
    if (!partitions.isEmpty()) {
      reactions.handleAssigned(partitions);
    }
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    owner.check();
    if (!partitions.isEmpty()) {
      reactions.handleRevoked(partitions);
    }
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    owner.check();
    if (!partitions.isEmpty()) {
      reactions.handleLost(partitions);
    }
  }
}
