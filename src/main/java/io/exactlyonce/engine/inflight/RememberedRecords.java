package io.exactlyonce.engine.inflight;

import io.exactlyonce.engine.topic.TopicLimits;
import org.apache.kafka.common.TopicPartition;

/**
 * The few records of a pipeline of which more is kept than their result: those that are parked or
 * were decided, and those whose outputs the broker refused. The pipeline's workers and handler
 * threads share it.
 */
public record RememberedRecords(ParkedRecords parked, RefusedRecords refused) {

  public RememberedRecords(TopicLimits limits) {
    this(new ParkedRecords(), new RefusedRecords(limits));
  }

  /** Whether for any record the result is known before it is handled. */
  public boolean isAnyForeseen() {
    return !refused.isEmpty() || parked.hasDecisions();
  }

  /** Forgets the partition's records before the offset; to be called when it is committed. */
  public void forgetBelow(TopicPartition partition, long offset) {
    refused.forgetBelow(partition, offset);
    parked.forgetBelow(partition, offset);
  }
}
