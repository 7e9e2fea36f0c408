package io.exactlyonce.guard;

/**
 * State of the claims that an instance's workers use.
 *
 * @param generation the generation that claims carry; empty while none is trusted
 * @param sinceNanos when this state began, in {@link System#nanoTime}'s time
 */
public record ClaimsState(Standing standing, String generation, long sinceNanos) {
  /** Whether claims are made. */
  public enum Standing {
    /** None are made: no generation is known, or the known one is not trusted any more. */
    AWAY,
    /** This instance loads them from the log. */
    REBUILDING,
    /** They are made under the generation. */
    KNOWN
  }
}
