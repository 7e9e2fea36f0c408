package io.exactlyonce.ops;

import io.exactlyonce.scaling.ScalingDecision;
import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;

/**
 * The last decision about workers or concurrency.
 *
 * @param what workers or concurrency
 */
@Serdeable
record ScalingView(String what, String direction, int from, int to, String reason, Instant at) {
  static ScalingView of(ScalingDecision decision) {
    return new ScalingView(
        decision.what().text(),
        decision.direction().text(),
        decision.from(),
        decision.to(),
        decision.reason(),
        decision.at());
  }
}
