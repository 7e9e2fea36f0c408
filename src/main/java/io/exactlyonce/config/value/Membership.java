package io.exactlyonce.config.value;

/** What the group makes of a worker that stops. */
public enum Membership {
  /** It leaves, and its partitions have another owner at once. */
  DYNAMIC,
  /** A restarted worker finds its place and its partitions as it left them. */
  STATIC
}
