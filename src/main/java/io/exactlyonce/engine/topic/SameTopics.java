package io.exactlyonce.engine.topic;

import io.exactlyonce.engine.failure.Phase;
import io.exactlyonce.engine.failure.TransactionFailure;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;

/**
 * Checks whether the source topics of a transaction are still those that its records were read
 * from. The consumer does not tell the id of the topic that a record was fetched from, so the
 * broker is asked after the last record was polled and before the offsets are sent. So offsets of a
 * topic that was made anew meanwhile are never committed with records of the old one, nor the
 * reverse.
 */
public interface SameTopics {
  /** How long {@link #await} waits at most; the admin client's own time-out is shorter. */
  Duration BOUND = Duration.ofSeconds(10);

  /**
   * @return fails where one of the topics is gone, or the broker does not answer in time
   */
  CompletableFuture<Void> check(Collection<Uuid> topicIds);

  /**
   * @throws TransactionFailure where the check failed, so that the transaction must not commit
   */
  static void await(CompletableFuture<Void> check) {
    try {
      TopicIds.get(check, BOUND);
    } catch (KafkaException e) {
      throw TransactionFailure.of(Phase.OFFSETS, e);
    }
  }
}
