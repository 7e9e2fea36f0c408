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
 * A consumer whose polls bring no more than so many bytes of records, as they are once unpacked, or
 * one record where that is larger. Kafka's own settings bound what is fetched, which is compressed:
 * a fetch of a megabyte may unpack to a gigabyte, and {@code max.poll.records} counts records
 * whatever they weigh.
 *
 * <p>A record that would pass the bound is refused by its deserializer. Kafka then returns what it
 * has unpacked so far, keeps its place, and offers the same record again in the next poll. The
 * thread that polls is the one that unpacks.
 *
 * <p>Kafka asks no deserializer where there is nothing to unpack. So a tombstone is weighed with
 * its key. A record with neither key nor value is weighed when the poll has ended, by its headers:
 * what passes the bound then is let go, and the consumer set back before it. Until then such
 * records alone are bounded by {@code max.poll.records}.
 */
public class BoundedConsumer extends KafkaConsumer<byte[], byte[]> {
  /** What one poll has brought so far. */
  private static final class Poll {
    private final long most;
    private long bytes;
    private int records;

    /** Of the record whose key was weighed last: its value, if it has one, comes next. */
    private @Nullable Headers keyed;

    Poll(long most) {
      this.most = most;
    }

    void begin() {
      bytes = 0;
      records = 0;
      keyed = null;
    }

    /** The record is weighed here with all but its value: a tombstone has none. */
    byte[] key(Headers headers, ByteBuffer key) {
      take(record(headers) + key.remaining(), records > 0);
      records++;
      keyed = headers;
      return Utils.toNullableArray(key);
    }

    byte[] value(Headers headers, ByteBuffer value) {
      if (headers == keyed) {
        records--; // where its value is refused it has not come
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
     * @param behindOthers whether the poll has brought a record before this one: the first comes
     *     however large it is
     */
    private void take(long size, boolean behindOthers) {
      if (behindOthers && bytes + size > most) {
        throw new SerializationException("left for the next poll");
      }
      bytes += size;
    }
  }

  /** What is made of one part of a record. */
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
   * @param most bytes that a poll may bring
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

  /** Of a poll with records that have neither key nor value: what fits the bound. */
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
