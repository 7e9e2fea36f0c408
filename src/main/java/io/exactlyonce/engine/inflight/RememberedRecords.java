package io.exactlyonce.engine.inflight;

import io.exactlyonce.engine.topic.TopicLimits;
import org.apache.kafka.common.TopicPartition;

/**
 * The few records of a pipeline of which more is known than their result: those that are parked or
 * were decided, and those whose outputs the broker refused. Its workers and handlers share it.
 */
public record RememberedRecords(ParkedRecords parked, RefusedRecords refused) {

  public RememberedRecords(TopicLimits limits) {
    this(new ParkedRecords(), new RefusedRecords(limits));
  }

  /** Whether anything is known of any record before it is handled. */
  public boolean isAnyForeseen() {
    return !refused.isEmpty() || parked.hasDecisions();
  }

  /** Call when the partition has committed so far. */
  public void forgetBelow(TopicPartition partition, long offset) {
    refused.forgetBelow(partition, offset);
    parked.forgetBelow(partition, offset);
  }
}
