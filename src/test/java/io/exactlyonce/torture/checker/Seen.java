package io.exactlyonce.torture.checker;

/**
 * A record that a read_committed reader finds in a sink or among the dead letters.
 *
 * @param id of the event that it comes from
 * @param sourceTopic with partition and offset, the record that it comes from by its own header
 * @param at partition and offset of the record itself
 */
public record Seen(
    String id,
    String key,
    long amount,
    String sourceTopic,
    int sourcePartition,
    long sourceOffset,
    Place at) {

  /** Place of a record in its own topic. */
  public record Place(int partition, long offset) {}
}
