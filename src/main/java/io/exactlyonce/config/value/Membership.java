package io.exactlyonce.config.value;

/** What becomes of a worker's partitions when it stops (KIP-345). */
public enum Membership {
  /** The worker leaves the group, and its partitions are assigned to others at once. */
  DYNAMIC,
  /** They wait for the session timeout; a worker that restarts before it gets them back. */
  STATIC
}
