package io.exactlyonce.lag;

import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * Oldest records that the workers of this process hold: for each partition that they own and hold
 * records of, the oldest that is not sent yet.
 */
@FunctionalInterface
public interface KnownTimes {
  /**
   * The oldest records by partition, as of a moment after the previous call; never waits.
   *
   * @param pipeline name of the pipeline whose workers are asked
   */
  Map<TopicPartition, RecordTime> oldest(String pipeline);

  /** For a process without workers: no record is known. */
  static KnownTimes none() {
    return pipeline -> Map.of();
  }
}
