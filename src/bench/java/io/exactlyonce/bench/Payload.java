package io.exactlyonce.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * The records of a bench: key of 16 bytes out of 10,000, header {@code event-id} of 16 bytes, and a
 * value that begins with its number and the time it was due.
 */
final class Payload {
  static final int KEYS = 10_000;
  private final byte[] filler;

  Payload(int size) {
    filler = new byte[size];
    new Random(1).nextBytes(filler);
  }

  /** Consecutive numbers of a key grow, so that order per key can be checked. */
  ProducerRecord<byte[], byte[]> record(String topic, long number, long dueNanos) {
    byte[] value = filler.clone();
    ByteBuffer.wrap(value).putLong(number).putLong(dueNanos);
    return new ProducerRecord<>(
        topic,
        null,
        null,
        padded("key-", number * 7919 % KEYS),
        value,
        List.of(new RecordHeader("event-id", padded("pay-", number))));
  }

  static long number(byte[] value) {
    return ByteBuffer.wrap(value).getLong();
  }

  static long dueNanos(byte[] value) {
    return ByteBuffer.wrap(value).getLong(Long.BYTES);
  }

  /** Prefix and twelve digits. */
  private static byte[] padded(String prefix, long number) {
    byte[] bytes = (prefix + "000000000000").getBytes(StandardCharsets.US_ASCII);
    int at = bytes.length - 1;
    for (long left = number; left > 0; left /= 10) {
      bytes[at--] = (byte) ('0' + left % 10);
    }
    return bytes;
  }
}
