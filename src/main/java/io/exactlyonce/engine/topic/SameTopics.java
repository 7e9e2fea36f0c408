package io.exactlyonce.engine.topic;

import io.exactlyonce.engine.failure.Phase;
import io.exactlyonce.engine.failure.TransactionFailure;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;

/**
 * Whether the source topics of a transaction are still those that its records were read from. The
 * client does not tell the id of the topic that a record was fetched from, so the broker is asked
 * after the last record was polled and before the offsets are sent: offsets of a topic that was
 * made anew meanwhile are never committed with records of the old one, nor the other way round.
 */
public interface SameTopics {
  /** The broker's own bound on an answer is shorter. */
  Duration BOUND = Duration.ofSeconds(10);

  /**
   * @return completes with an exception where one of the topics is gone, or nobody answers
   */
  CompletableFuture<Void> check(Collection<Uuid> topicIds);

  /**
   * @throws TransactionFailure where the transaction must not commit
   */
  static void await(CompletableFuture<Void> check) {
    try {
      TopicIds.get(check, BOUND);
    } catch (KafkaException e) {
      throw TransactionFailure.of(Phase.OFFSETS, e);
    }
  }
}
