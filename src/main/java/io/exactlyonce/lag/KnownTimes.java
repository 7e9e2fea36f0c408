package io.exactlyonce.lag;

import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * What the workers of this process know: of each partition that they own and hold records of, the
 * oldest that is not sent yet.
 */
@FunctionalInterface
public interface KnownTimes {
  /**
   * As of a moment after the call before this one; never waits.
   *
   * @param pipeline whose workers are asked
   */
  Map<TopicPartition, RecordTime> oldest(String pipeline);

  /** Where no worker runs in this process. */
  static KnownTimes none() {
    return pipeline -> Map.of();
  }
}
