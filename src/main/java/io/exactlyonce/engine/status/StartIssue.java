package io.exactlyonce.engine.status;

/**
 * A finding of the start checks.
 *
 * @param where the setting, or the topic, group or id
 * @param found its value, or what is denied
 * @param remedy what to change, and why
 */
public record StartIssue(Area area, Effect effect, String where, String found, String remedy) {
  /** The area that was checked. */
  public enum Area {
    /** What the principal may do with topics, group and transactional ids. */
    ACCESS,
    /** Settings of the brokers, and the cluster's transaction version. */
    BROKERS,
    /** Which topics there are, their replication, what they keep and what they take. */
    TOPICS
  }

  /** The finding's effect on a start. */
  public enum Effect {
    /** The pipeline does not start. */
    REFUSES,
    /** It starts and warns; with {@code start-checks: strict} it does not start. */
    WARNS
  }
}
