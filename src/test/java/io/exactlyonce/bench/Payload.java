package io.exactlyonce.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.utils.Utils;

/**
 * Makes the records of a benchmark: a key of 16 bytes out of 10,000, a header {@code event-id} of
 * 16 bytes, and a value that begins with the number of its event, the time it was due, its place in
 * the source and whether it is a duplicate.
 */
final class Payload {
  static final int KEYS = 10_000;
  private static final int PLACE = 2 * Long.BYTES;
  private static final int DUPLICATE = 3 * Long.BYTES;
  private final byte[] filler;

  Payload(int size) {
    filler = new byte[size];
    new Random(1).nextBytes(filler);
  }

  /**
   * A record whose place is its number. The numbers of each key grow, so that order per key can be
   * checked.
   */
  ProducerRecord<byte[], byte[]> record(String topic, long number, long dueNanos) {
    return record(topic, null, number, dueNanos, number, false);
  }

  /** The record that the load has at the place. */
  ProducerRecord<byte[], byte[]> record(Load load, long place) {
    long number = load.number(place);
    Integer partition =
        load.isElsewhere(place) ? (partition(number, load) + 1) % load.partitions() : null;
    return record(load.topic(), partition, number, 0, place, load.isDuplicate(place));
  }

  private ProducerRecord<byte[], byte[]> record(
      String topic,
      Integer partition,
      long number,
      long dueNanos,
      long place,
      boolean isDuplicate) {
    byte[] value = filler.clone();
    ByteBuffer.wrap(value)
        .putLong(number)
        .putLong(dueNanos)
        .putLong(place)
        .put((byte) (isDuplicate ? 1 : 0));
    return new ProducerRecord<>(
        topic,
        partition,
        null,
        key(number),
        value,
        List.of(new RecordHeader("event-id", padded("pay-", number))));
  }

  static long number(byte[] value) {
    return ByteBuffer.wrap(value).getLong();
  }

  static long dueNanos(byte[] value) {
    return ByteBuffer.wrap(value).getLong(Long.BYTES);
  }

  static long place(byte[] value) {
    return ByteBuffer.wrap(value).getLong(PLACE);
  }

  static boolean isDuplicate(byte[] value) {
    return value[DUPLICATE] == 1;
  }

  private static byte[] key(long number) {
    return padded("key-", number * 7919 % KEYS);
  }

  /** The partition that Kafka's producer chooses for the event by its key. */
  private static int partition(long number, Load load) {
    return Utils.toPositive(Utils.murmur2(key(number))) % load.partitions();
  }

  /** The prefix, and the number in twelve digits. */
  private static byte[] padded(String prefix, long number) {
    byte[] bytes = (prefix + "000000000000").getBytes(StandardCharsets.US_ASCII);
    int at = bytes.length - 1;
    for (long left = number; left > 0; left /= 10) {
      bytes[at--] = (byte) ('0' + left % 10);
    }
    return bytes;
  }
}
