package io.exactlyonce.engine.status;

import org.apache.kafka.common.TopicPartition;

/**
 * Of a partition that a worker owns, the oldest record that it holds and has not sent yet.
 *
 * @param timestamp the record's own, in milliseconds
 */
public record OldestRecord(TopicPartition partition, long offset, long timestamp) {}
