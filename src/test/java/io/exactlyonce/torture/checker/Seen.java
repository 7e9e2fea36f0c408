package io.exactlyonce.torture.checker;

/**
 * One record that a read_committed reader finds in a sink or among the dead letters.
 *
 * @param id of the event that it comes from
 * @param sourceTopic with partition and offset the record that it comes from, as it says itself
 * @param at its own place: the sink's partition and offset
 */
public record Seen(
    String id,
    String key,
    long amount,
    String sourceTopic,
    int sourcePartition,
    long sourceOffset,
    Place at) {

  /** Where a record is in its own topic. */
  public record Place(int partition, long offset) {}
}
