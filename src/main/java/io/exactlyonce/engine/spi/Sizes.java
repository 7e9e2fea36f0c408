package io.exactlyonce.engine.spi;

import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Sizes of records in bytes: in the heap, for the pipeline's own bounds, with key, value, headers
 * and the objects around them; and in a request ({@link #sent}), for the limits of topics and
 * producers. Both are estimates, rather too large than too small.
 */
public final class Sizes {
  /**
   * Heap of a record without its bytes: the objects of the record, its key, its value and its
   * header list, and what {@code PolledRecords} keeps of it.
   */
  static final int RECORD = 256;

  /** Heap of a decoded value for each of its bytes: text outside Latin-1 takes two. */
  private static final int DECODED = 2;

  /** Heap of a header without its bytes: the objects of the header, its key and its value. */
  static final int HEADER = 96;

  private static final int SENT_RECORD = 200;
  private static final int SENT_HEADER = 10;
  private static final int MAX_UTF_8 = 3;

  private Sizes() {}

  static int of(byte @Nullable [] bytes) {
    return bytes == null ? 0 : bytes.length;
  }

  /**
   * Heap of a polled record. Reading each header's key and value also detaches the header from the
   * response that it was fetched in, which it would otherwise keep in memory.
   */
  public static long of(ConsumerRecord<byte[], byte[]> record) {
    return (long) RECORD + of(record.key()) + of(record.value()) + of(record.headers());
  }

  /**
   * Heap of a record and its event, for batch handlers, whose events are kept as long as their
   * records. The size of the decoded value is estimated from its bytes.
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

  /** Bytes of a record in a request: key, value, headers and frame. */
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
