package io.exactlyonce.lag;

/**
 * The timestamp of a record that is known to be among the oldest that are not committed.
 *
 * @param timestamp in ms since the epoch; -1 where the record has none
 */
public record RecordTime(long offset, long timestamp) {}
