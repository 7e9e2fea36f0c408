package io.exactlyonce.engine.inflight;

import io.exactlyonce.engine.topic.TopicLimits;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Records whose outputs the broker refused. Their transaction aborts and its records are read
 * again; then the refused ones become dead letters and the others go through. A restart of the
 * process forgets them, which costs one more abort for each.
 */
public final class RefusedRecords {
  private record At(TopicPartition partition, long offset) {}

  /**
   * Why each record was refused. It stays small: each entry costs an abort, and goes when its
   * partition commits past it.
   */
  private final Map<At, String> reasons = new ConcurrentHashMap<>();

  private final TopicLimits limits;

  public RefusedRecords(TopicLimits limits) {
    this.limits = limits;
  }

  /**
   * Lowers the size of dead letters after the broker refused one as too large: a dead letter must
   * not be lost, so it is made again after the abort, cut shorter.
   *
   * @param bytes size of the refused one
   * @return whether dead letters become shorter
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
   * Notes that the broker refused an output of the record.
   *
   * @return whether that was not known already
   */
  boolean refuse(TopicPartition partition, long offset, String reason) {
    return reasons.put(new At(partition, offset), reason) == null;
  }

  /** Why the record's output was refused; null where none was. */
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
