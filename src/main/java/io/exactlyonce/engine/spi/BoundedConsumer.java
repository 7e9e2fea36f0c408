package io.exactlyonce.engine.spi;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * A consumer whose polls return at most a given number of bytes of records, as they are when
 * decompressed, or one record where that is larger. Kafka's own settings bound the fetch, which is
 * compressed: a fetch of a megabyte may decompress to a gigabyte, and {@code max.poll.records}
 * counts records of any size.
 *
 * <p>The deserializer of a record that would exceed the bound throws. Kafka then returns the
 * records that it has deserialized before, keeps its position, and deserializes the same record
 * again in the next poll. All of that happens on the thread that polls.
 *
 * <p>Kafka calls no deserializer for a key or a value that is null. So a tombstone is counted with
 * its key. A record with neither key nor value is counted after the poll, by its headers: the
 * records beyond the bound are dropped then, and the consumer seeks back to them. Until then {@code
 * max.poll.records} alone bounds such records.
 */
public class BoundedConsumer extends KafkaConsumer<byte[], byte[]> {
  /** Size of what the current poll has deserialized so far. */
  private static final class Poll {
    private final long most;
    private long bytes;
    private int records;

    /** Headers of the record whose key was counted last; its value, if it has one, comes next. */
    private @Nullable Headers keyed;

    Poll(long most) {
      this.most = most;
    }

    void begin() {
      bytes = 0;
      records = 0;
      keyed = null;
    }

    /** Counts the record with all but its value, since a tombstone has none. */
    byte[] key(Headers headers, ByteBuffer key) {
      take(record(headers) + key.remaining(), records > 0);
      records++;
      keyed = headers;
      return Utils.toNullableArray(key);
    }

    byte[] value(Headers headers, ByteBuffer value) {
      if (headers == keyed) {
        records--; // counted with its key, but where its value is refused it is not returned
        take(value.remaining(), records > 0);
      } else {
        take(record(headers) + value.remaining(), records > 0);
      }
      records++;
      return Utils.toNullableArray(value);
    }

    private static long record(Headers headers) {
      return Sizes.RECORD + Sizes.of(headers);
    }

    /**
     * @param behindOthers whether the poll holds a record before this one: the first is returned
     *     however large it is
     * @throws SerializationException where the record does not fit any more
     */
    private void take(long size, boolean behindOthers) {
      if (behindOthers && bytes + size > most) {
        throw new SerializationException("left for the next poll");
      }
      bytes += size;
    }
  }

  /** Deserializer of a key or a value, called with the bytes as Kafka holds them. */
  @FunctionalInterface
  private interface Part extends Deserializer<byte[]> {
    byte[] take(Headers headers, ByteBuffer data);

    @Override
    default byte[] deserialize(String topic, Headers headers, ByteBuffer data) {
      return take(headers, data);
    }

    @Override
    default byte[] deserialize(String topic, byte[] data) {
      return data;
    }
  }

  private final Poll poll;

  /**
   * @param most bytes of records that a poll may return
   */
  public BoundedConsumer(Map<String, Object> settings, long most) {
    this(settings, new Poll(most));
  }

  private BoundedConsumer(Map<String, Object> settings, Poll poll) {
    super(settings, (Part) poll::key, (Part) poll::value);
    this.poll = poll;
  }

  @Override
  public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
    poll.begin();
    ConsumerRecords<byte[], byte[]> polled = super.poll(timeout);
    return polled.count() > poll.records ? cut(polled) : polled;
  }

  /**
   * Cuts a poll that holds records with neither key nor value to the bound, and seeks back to the
   * first record of each partition that is cut off.
   */
  private ConsumerRecords<byte[], byte[]> cut(ConsumerRecords<byte[], byte[]> polled) {
    Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> kept = new LinkedHashMap<>();
    Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>(polled.nextOffsets());
    long left = poll.most;
    for (TopicPartition partition : polled.partitions()) {
      List<ConsumerRecord<byte[], byte[]>> fitting = new ArrayList<>();
      for (ConsumerRecord<byte[], byte[]> record : polled.records(partition)) {
        left -= Sizes.of(record);
        if (left < 0 && !(kept.isEmpty() && fitting.isEmpty())) {
          OffsetAndMetadata at = new OffsetAndMetadata(record.offset(), record.leaderEpoch(), "");
          seek(partition, at);
          next.put(partition, at);
          break;
        }
        fitting.add(record);
      }
      if (!fitting.isEmpty()) {
        kept.put(partition, fitting);
      }
    }
    return new ConsumerRecords<>(kept, next);
  }
}
