package io.exactlyonce.config.value;

/** Choices for a pipeline of whose claims Redis lost some that cannot be rebuilt. */
public enum OnIncompleteRebuild {
  /** It goes on with the other claims; log and status say which are missing. */
  WARN,
  /**
   * It makes no claims until the missing ones are older than {@code guard.window}, or until an
   * operator goes on without them.
   */
  REFUSE
}
