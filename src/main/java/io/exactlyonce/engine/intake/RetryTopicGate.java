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
 * Lets records of retry topics in when they are due, and gives back what was polled and cannot be
 * taken in yet: nothing is held in memory while it waits. The worker's thread alone calls it.
 *
 * <p>The records of a retry topic wait equally long and so come due in the order in which they
 * stand; where writers' clocks differ, a record waits for the one before it.
 */
record RetryTopicGate(Consumer<byte[], byte[]> consumer, RetryTopics delays) {
  /** What was given back is read again, so a partition is not woken for each record. */
  private static final int WAKE_UPS_PER_DELAY = 20;

  private static final RetryOrigin[] NO_ORIGINS = {};
  private static final Duration MAX_SLACK = Duration.ofSeconds(1);

  /** The polled records that are due, with its origins; the track waits where something is not. */
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
      // A record that no pipeline wrote is due, and handled like one of a source.
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
   * The partition is set before the record and paused, so that it is read again later. To be called
   * before the track learns where the poll ended.
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
