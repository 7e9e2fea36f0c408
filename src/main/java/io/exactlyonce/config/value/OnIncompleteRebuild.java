package io.exactlyonce.config.value;

/** What a pipeline does where some of the claims that Redis lost cannot be rebuilt. */
public enum OnIncompleteRebuild {
  /** It goes on with those that can be; log and status say which are missing. */
  WARN,
  /** It stands until the window has passed them, or until an operator goes on without them. */
  REFUSE
}
