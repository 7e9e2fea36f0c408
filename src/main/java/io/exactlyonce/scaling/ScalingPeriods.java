package io.exactlyonce.scaling;

import java.time.Duration;

/**
 * Waiting times of the scaler.
 *
 * @param coolDown from any change to the next step up of the number of workers
 * @param feedback from a step up to the judgement of what it brought
 * @param calm time with next to no lag before a step down
 * @param retry from a step that was taken back to the next of its kind
 * @param settle time over which the rate is measured that a change of concurrency is judged by,
 *     since that waits for no rebalance; a step that has brought enough is kept after it
 */
public record ScalingPeriods(
    Duration coolDown, Duration feedback, Duration calm, Duration retry, Duration settle) {
  public static final ScalingPeriods DEFAULT =
      new ScalingPeriods(
          Duration.ofMinutes(2),
          Duration.ofMinutes(2),
          Duration.ofMinutes(10),
          Duration.ofMinutes(30),
          Duration.ofSeconds(10));
}
