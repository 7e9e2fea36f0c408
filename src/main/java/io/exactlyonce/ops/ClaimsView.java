package io.exactlyonce.ops;

import io.exactlyonce.guard.ClaimsState;
import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;

/**
 * How the guard's claims stand for this instance.
 *
 * @param standing {@code KNOWN}, {@code REBUILDING} or {@code AWAY}
 * @param generation the one that claims carry; empty while none is believed
 */
@Serdeable
record ClaimsView(String standing, String generation, Instant since) {
  static ClaimsView of(ClaimsState state, Instant now, long nanos) {
    return new ClaimsView(
        state.standing().name(), state.generation(), now.minusNanos(nanos - state.sinceNanos()));
  }
}
