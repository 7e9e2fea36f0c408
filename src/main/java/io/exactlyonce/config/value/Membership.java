package io.exactlyonce.config.value;

/** Membership in the group (KIP-345): it decides about the partitions of a worker that stops. */
public enum Membership {
  /** The worker leaves the group, and its partitions are assigned to others at once. */
  DYNAMIC,
  /** They wait for the session timeout; a worker that restarts before it gets them back. */
  STATIC
}
