package io.exactlyonce.ops;

import io.exactlyonce.guard.ClaimsState;
import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;

/**
 * State of the guard's claims in this instance.
 *
 * @param standing {@code KNOWN}: claims are made. {@code REBUILDING}: this instance loads them from
 *     the log. {@code AWAY}: none are made, since no generation is known or it is not trusted
 * @param generation the generation that claims carry; empty while none is trusted
 * @param since when this state began
 */
@Serdeable
record ClaimsView(String standing, String generation, Instant since) {
  static ClaimsView of(ClaimsState state, Instant now, long nanos) {
    return new ClaimsView(
        state.standing().name(), state.generation(), now.minusNanos(nanos - state.sinceNanos()));
  }
}
