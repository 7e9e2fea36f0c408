package io.exactlyonce.engine;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;

/** Bytes that records take, headers left out. */
final class Sizes {
  private static final int FRAME = 200;
  private static final int HEADER_FRAME = 10;
  private static final int MOST_UTF_8 = 3;

  private Sizes() {}

  static int of(byte[] bytes) {
    return bytes == null ? 0 : bytes.length;
  }

  /** As it was polled; what is null has no size. */
  static long of(ConsumerRecord<byte[], byte[]> record) {
    return Math.max(0, record.serializedKeySize())
        + (long) Math.max(0, record.serializedValueSize());
  }

  static int of(ProducerRecord<byte[], byte[]> record) {
    return of(record.key()) + of(record.value());
  }

  /** Headers and frame too, rather too much than too little. */
  static int whole(ProducerRecord<byte[], byte[]> record) {
    int sum = FRAME + of(record);
    for (Header header : record.headers()) {
      sum += header.key().length() * MOST_UTF_8 + of(header.value()) + HEADER_FRAME;
    }
    return sum;
  }
}
