package io.exactlyonce.engine.inflight;

import io.exactlyonce.engine.topic.TopicLimits;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Records whose outputs the broker refused. Their transaction aborts and is read again; then they
 * become dead letters, and the others of the transaction go through. A restart forgets them, which
 * costs one more abort.
 */
public final class RefusedRecords {
  private record At(TopicPartition partition, long offset) {}

  /** Bounded: each entry costs an abort, and goes when its partition commits past it. */
  private final Map<At, String> reasons = new ConcurrentHashMap<>();

  private final TopicLimits limits;

  public RefusedRecords(TopicLimits limits) {
    this.limits = limits;
  }

  /**
   * A dead letter may not be lost, so it is cut: its record comes again after the abort.
   *
   * @return whether it can be
   */
  boolean refusedLetter(int bytes) {
    int before = limits.letterBytes();
    limits.refusedLetter(bytes);
    return limits.letterBytes() < before;
  }

  public int letterBytes() {
    return limits.letterBytes();
  }

  public boolean isEmpty() {
    return reasons.isEmpty();
  }

  /**
   * @return whether it was not in here already
   */
  boolean refuse(TopicPartition partition, long offset, String reason) {
    return reasons.put(new At(partition, offset), reason) == null;
  }

  /** Why the record cannot be processed; null for all but a few. */
  public @Nullable String reason(ConsumerRecord<byte[], byte[]> record) {
    return reasons.isEmpty() ? null : reasons.get(at(record));
  }

  public void forgetBelow(TopicPartition partition, long offset) {
    if (!reasons.isEmpty()) {
      reasons.keySet().removeIf(at -> at.partition().equals(partition) && at.offset() < offset);
    }
  }

  private static At at(ConsumerRecord<byte[], byte[]> record) {
    return new At(new TopicPartition(record.topic(), record.partition()), record.offset());
  }
}
