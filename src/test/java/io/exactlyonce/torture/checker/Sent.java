package io.exactlyonce.torture.checker;

/**
 * A record that was sent to the source.
 *
 * @param id of the event; a record that repeats an event has the same
 * @param key of the record, and of the output
 * @param amount what the output adds to the key's balance
 * @param kind the result that the event must have
 * @param topic with partition and offset, where it was written; offset -1 where that is not known
 */
public record Sent(
    String id, String key, long amount, Kind kind, String topic, int partition, long offset) {

  /** Results that an event must have. */
  public enum Kind {
    /** One output in each sink. */
    PROCESSED,
    /** One dead letter, and no output. */
    DEAD_LETTER,
    /** No result: the producer aborted its transaction. */
    ABORTED
  }

  /**
   * Whether the broker has acknowledged it. A record that it has not may be in the topic or not.
   */
  public boolean isAcknowledged() {
    return offset >= 0;
  }
}
