package io.exactlyonce.lag;

/** State of a partition's lag. Where several apply, the one listed last is shown. */
public enum LagState {
  /**
   * It keeps up: nothing waits, or all that was there at the check before is committed. Also at the
   * first check, which has nothing to compare with.
   */
  OK,
  /** It is behind, and the lag shrinks. */
  CATCHING_UP,
  /** It is behind, and the lag does not shrink. */
  GROWING,
  /** It is behind, and the committed offset has not moved for two checks. */
  STALLED,
  /** The committed offset went back, and is not yet where it had been. */
  REWOUND,
  /** No member of the group owns it. */
  STOPPED
}
