package io.exactlyonce.scaling;

import java.time.Duration;

/**
 * How long the scaler waits for what.
 *
 * @param coolDown from any change of the number of workers to the next step up
 * @param feedback from a step up to the judgement of what it brought
 * @param calm time with next to no lag before a step down
 * @param retry from a step that was taken back to the next step up
 */
public record ScalingPeriods(Duration coolDown, Duration feedback, Duration calm, Duration retry) {
  public static final ScalingPeriods DEFAULT =
      new ScalingPeriods(
          Duration.ofMinutes(2),
          Duration.ofMinutes(2),
          Duration.ofMinutes(10),
          Duration.ofMinutes(30));
}
