package io.exactlyonce.engine.inflight;

import java.util.concurrent.ScheduledFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * A record that holds its lane: until its next attempt is due, or until an operator decides.
 *
 * <p>Threads: the lane's thread makes it. The one thread that removes it from its {@link
 * ParkedRecords} resumes it.
 */
public final class ParkedRecord {
  final ConsumerRecord<byte[], byte[]> record;
  final PolledRecords polled;

  /** Why the record has stopped its partition; null where it only waits for its next attempt. */
  final RecordResult.@Nullable Stopped stopped;

  private final Runnable resume;
  private volatile @Nullable ScheduledFuture<?> wakeUp;

  public ParkedRecord(
      ConsumerRecord<byte[], byte[]> record,
      PolledRecords polled,
      RecordResult.@Nullable Stopped stopped,
      Runnable resume) {
    this.record = record;
    this.polled = polled;
    this.stopped = stopped;
    this.resume = resume;
  }

  boolean isStop() {
    return stopped != null;
  }

  TopicPartition partition() {
    return new TopicPartition(record.topic(), record.partition());
  }

  public void wakeUp(ScheduledFuture<?> timer) {
    wakeUp = timer;
  }

  void resume() {
    ScheduledFuture<?> timer = wakeUp;
    if (timer != null) {
      timer.cancel(false);
    }
    resume.run();
  }
}
