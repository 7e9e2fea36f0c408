package io.exactlyonce.engine.spi;

import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * What records take. In the heap, which every bound in bytes is about: key, value, headers and the
 * objects around them. And in a request, which the limits of topics and producers are about. Both
 * rather too much than too little.
 */
public final class Sizes {
  /**
   * A record's own objects, those of its key, value and header list, and what {@code PolledRecords}
   * notes of it.
   */
  static final int RECORD = 256;

  /** What a decoded value takes for each byte of it: text that is not Latin takes two. */
  private static final int DECODED = 2;

  /** A header's own objects: itself, its key's text and the arrays of both. */
  static final int HEADER = 96;

  private static final int SENT_RECORD = 200;
  private static final int SENT_HEADER = 10;
  private static final int MAX_UTF_8 = 3;

  private Sizes() {}

  static int of(byte @Nullable [] bytes) {
    return bytes == null ? 0 : bytes.length;
  }

  /**
   * As it was polled. It asks each header for its key and value, which also makes the header let go
   * of the fetch that it came in: unasked, it keeps the whole response in memory.
   */
  public static long of(ConsumerRecord<byte[], byte[]> record) {
    return (long) RECORD + of(record.key()) + of(record.value()) + of(record.headers());
  }

  /**
   * The record and the event that is made of it, for handlers whose events are kept for as long as
   * their records: those that take many at once. How large a decoded value is in memory only the
   * codec knows, so it is reckoned from its bytes.
   */
  public static long withEvent(ConsumerRecord<byte[], byte[]> record) {
    return of(record) + RECORD + (long) DECODED * of(record.value());
  }

  public static long sum(List<ConsumerRecord<byte[], byte[]>> records) {
    long sum = 0;
    for (ConsumerRecord<byte[], byte[]> record : records) {
      sum += of(record);
    }
    return sum;
  }

  static int of(ProducerRecord<byte[], byte[]> record) {
    return (int)
        Math.min(
            Integer.MAX_VALUE,
            (long) RECORD + of(record.key()) + of(record.value()) + of(record.headers()));
  }

  public static long of(List<ProducerRecord<byte[], byte[]>> records) {
    long sum = 0;
    for (int i = 0; i < records.size(); i++) {
      sum += of(records.get(i));
    }
    return sum;
  }

  /** In a request: key, value, headers and frame. */
  public static int sent(ProducerRecord<byte[], byte[]> record) {
    int sum = SENT_RECORD + of(record.key()) + of(record.value());
    for (Header header : record.headers()) {
      sum += header.key().length() * MAX_UTF_8 + of(header.value()) + SENT_HEADER;
    }
    return sum;
  }

  static long of(Headers headers) {
    long sum = 0;
    for (Header header : headers) {
      sum += HEADER + (long) header.key().length() + of(header.value());
    }
    return sum;
  }
}
