package io.exactlyonce.engine.inflight;

import java.util.concurrent.ScheduledFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * A record whose lane stands still: until its next attempt is due, or until somebody decides.
 *
 * <p>Threads: made by the lane's thread, taken up again by whoever removes it from its {@link
 * ParkedRecords}, and that is one.
 */
public final class ParkedRecord {
  final ConsumerRecord<byte[], byte[]> record;
  final PolledRecords polled;

  /** Null where the record only waits for its next attempt. */
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
