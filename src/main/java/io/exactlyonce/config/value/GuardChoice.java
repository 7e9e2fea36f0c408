package io.exactlyonce.config.value;

/** Where claims on event ids are kept, by which upstream duplicates are recognised. */
public enum GuardChoice {
  /** In Redis. */
  REDIS,
  /** Nowhere: every record is processed, so an event that is sent twice has its effect twice. */
  OFF
}
