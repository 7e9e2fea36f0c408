package io.exactlyonce.engine.status;

import org.apache.kafka.common.TopicPartition;

/**
 * The oldest record of a partition that its worker has read and not sent yet.
 *
 * @param timestamp the record's own, in milliseconds since the epoch
 */
public record OldestRecord(TopicPartition partition, long offset, long timestamp) {}
