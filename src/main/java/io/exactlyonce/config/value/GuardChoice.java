package io.exactlyonce.config.value;

/** Whether upstream duplicates are looked for. */
public enum GuardChoice {
  /** Claims on event ids are kept in Redis. */
  REDIS,
  /** Every record is processed; an event sent twice is an effect twice. */
  OFF
}
