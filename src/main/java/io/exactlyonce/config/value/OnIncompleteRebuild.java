package io.exactlyonce.config.value;

/** What a pipeline does where some of the claims that Redis lost cannot be rebuilt. */
public enum OnIncompleteRebuild {
  /** It goes on with the other claims; log and status say which are missing. */
  WARN,
  /**
   * It makes no claims until the missing ones are older than {@code guard.window}, or until an
   * operator goes on without them.
   */
  REFUSE
}
