package io.exactlyonce.engine.intake;

import io.exactlyonce.config.value.RetryTopic;
import io.exactlyonce.engine.handling.RetryTopics;
import io.exactlyonce.engine.inflight.PolledRecords;
import io.exactlyonce.engine.inflight.Track;
import io.exactlyonce.guard.RetryOrigin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Takes in records of retry topics when they are due, and gives back polled records that cannot be
 * taken in yet, so that none is held in memory while it waits. The worker's thread alone calls it.
 *
 * <p>The records of a retry topic wait equally long and so come due in the order of their offsets;
 * where writers' clocks differ, a record waits for the one before it.
 */
record RetryTopicGate(Consumer<byte[], byte[]> consumer, RetryTopics delays) {
  /**
   * Most resumes of a waiting partition per delay. Records that are given back are fetched again,
   * so a partition is not resumed for each record.
   */
  private static final int WAKE_UPS_PER_DELAY = 20;

  private static final RetryOrigin[] NO_ORIGINS = {};
  private static final Duration MAX_SLACK = Duration.ofSeconds(1);

  /**
   * The polled records up to the first that is not due, with their origins. That one and all behind
   * it are given back, and the track waits until it is due.
   */
  PolledRecords polled(Track track, BackPressure.Taken taken, long now) {
    List<ConsumerRecord<byte[], byte[]>> records = taken.records();
    RetryTopic topic = delays.find(track.partition.topic());
    if (topic == null) {
      return new PolledRecords(track.partition, records, NO_ORIGINS, taken.bytes(records.size()));
    }
    long millis = delays.clock().millis();
    List<ConsumerRecord<byte[], byte[]>> due = new ArrayList<>(records.size());
    List<@Nullable RetryOrigin> origins = new ArrayList<>(records.size());
    for (ConsumerRecord<byte[], byte[]> record : records) {
      // A record without an origin, which no pipeline wrote, is handled like a source record.
      RetryOrigin origin = RetryOrigin.find(record).orElse(null);
      if (origin != null && origin.due() > millis) {
        giveBack(track, record);
        track.waitUntil(now + (origin.due() - millis) * 1_000_000 + slack(topic));
        break;
      }
      due.add(origin == null ? record : origin.restore(record));
      origins.add(origin);
    }
    return new PolledRecords(
        track.partition, due, origins.toArray(RetryOrigin[]::new), taken.bytes(due.size()));
  }

  /**
   * Sets the partition back to the record and pauses it, so that the record is read again later. To
   * be called before {@link Track#polledTo}.
   */
  void giveBack(Track track, ConsumerRecord<byte[], byte[]> first) {
    OffsetAndMetadata back = new OffsetAndMetadata(first.offset(), first.leaderEpoch(), "");
    consumer.seek(track.partition, back);
    consumer.pause(Set.of(track.partition));
    track.giveBack(back);
    track.paused(true);
  }

  private static long slack(RetryTopic topic) {
    return Math.min(MAX_SLACK.toNanos(), topic.delay().toNanos() / WAKE_UPS_PER_DELAY);
  }
}
