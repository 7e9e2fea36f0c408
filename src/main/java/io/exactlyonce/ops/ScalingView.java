package io.exactlyonce.ops;

import io.exactlyonce.scaling.ScalingDecision;
import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;

/**
 * The last decision of scaling.
 *
 * @param what is scaled: workers or concurrency
 * @param direction up, down, back (a step up is taken back) or held (more are called for and not
 *     started)
 * @param from the number before it
 * @param to the number after it
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
