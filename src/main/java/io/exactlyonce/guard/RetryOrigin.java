package io.exactlyonce.guard;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * The origin of a record in a retry topic: its position in the source, and its attempts so far. One
 * header carries it; {@link #restore} removes that header, so handlers do not get it.
 *
 * <p>The claim on the record's event id is held by the position in the source, and the record
 * claims by that position in every retry topic. So it is no duplicate of itself. The source's
 * position and each one in a retry topic after it commit once, so the record that holds the claim
 * is still processed once.
 *
 * @param timestamp the record's own, in ms since the epoch
 * @param attempts calls of the handler so far
 * @param due when it is to be handled again, in ms since the epoch
 */
public record RetryOrigin(
    String topic,
    int partition,
    long offset,
    Uuid topicId,
    long timestamp,
    int attempts,
    long due) {
  static final String PREFIX = "retry-";
  private static final String FROM = PREFIX + "from";
  private static final int PARTS = 7;

  /** The origin of a record of the source that is to wait for the first time. */
  public static RetryOrigin of(ConsumerRecord<byte[], byte[]> record, Uuid topicId) {
    return new RetryOrigin(
        record.topic(), record.partition(), record.offset(), topicId, record.timestamp(), 0, 0);
  }

  /** The origin after further calls of the handler. */
  public RetryOrigin after(int calls, long nextDue) {
    return new RetryOrigin(topic, partition, offset, topicId, timestamp, attempts + calls, nextDue);
  }

  /** Reads the header of {@link #mark}; empty where the record has none, or another one. */
  public static Optional<RetryOrigin> find(ConsumerRecord<byte[], byte[]> record) {
    Header header = record.headers().lastHeader(FROM);
    if (header == null || header.value() == null) {
      return Optional.empty();
    }
    // The topic's name comes last, so that it may hold any character.
    String[] parts = new String(header.value(), StandardCharsets.UTF_8).split(" ", PARTS);
    try {
      return Optional.of(
          new RetryOrigin(
              parts[6],
              Integer.parseInt(parts[1]),
              Long.parseLong(parts[2]),
              Uuid.fromString(parts[0]),
              Long.parseLong(parts[3]),
              Integer.parseInt(parts[4]),
              Long.parseLong(parts[5])));
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }

  /** The record's headers, followed by the one that carries the origin. */
  public Headers mark(ConsumerRecord<byte[], byte[]> record) {
    String text =
        topicId + " " + partition + " " + offset + " " + timestamp + " " + attempts + " " + due;
    Headers headers = new RecordHeaders(record.headers().toArray());
    headers.add(FROM, (text + " " + topic).getBytes(StandardCharsets.UTF_8));
    return headers;
  }

  /** The record as it was in the source, except that its position is the one in the retry topic. */
  public ConsumerRecord<byte[], byte[]> restore(ConsumerRecord<byte[], byte[]> waiting) {
    Headers headers = new RecordHeaders(waiting.headers().toArray());
    headers.remove(FROM);
    return new ConsumerRecord<>(
        waiting.topic(),
        waiting.partition(),
        waiting.offset(),
        timestamp,
        waiting.timestampType(),
        waiting.serializedKeySize(),
        waiting.serializedValueSize(),
        waiting.key(),
        waiting.value(),
        headers,
        waiting.leaderEpoch());
  }

  /** The position by which the record claims its event id. */
  public byte[] claim() {
    return Position.encode(topicId, partition, offset);
  }

  @Override
  public String toString() {
    return topic + "-" + partition + "@" + offset;
  }
}
