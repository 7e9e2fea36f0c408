package io.exactlyonce.guard;

/**
 * How the claims stand that an instance's workers go by.
 *
 * @param generation the one that claims carry; empty while none is believed
 * @param sinceNanos when it became so, in {@link System#nanoTime}'s time
 */
public record ClaimsState(Standing standing, String generation, long sinceNanos) {
  /** Whether claims are made. */
  public enum Standing {
    /** None are made: no generation is known, or the one that was is not believed any more. */
    AWAY,
    /** This instance loads them from the log. */
    REBUILDING,
    /** They are made under the generation. */
    KNOWN
  }
}
