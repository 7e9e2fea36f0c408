package io.exactlyonce.torture.checker;

/**
 * One record that was sent to the source.
 *
 * @param id of the event; a record that repeats an event has the same
 * @param key of the record, and of the output
 * @param amount what the output adds to the key's balance
 * @param kind what has to become of the event
 * @param topic with partition and offset where it was written; offset -1 where nobody knows
 */
public record Sent(
    String id, String key, long amount, Kind kind, String topic, int partition, long offset) {

  /** What has to become of an event, by what was sent and acknowledged. */
  public enum Kind {
    /** One output in each sink. */
    PROCESSED,
    /** One dead letter, and no output. */
    DEAD_LETTER,
    /** Its transaction was aborted: nothing at all. */
    ABORTED
  }

  /** Whether the broker acknowledged it. Where not, it may be there or not. */
  public boolean isAcknowledged() {
    return offset >= 0;
  }
}
