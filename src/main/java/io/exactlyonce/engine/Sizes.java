package io.exactlyonce.engine;

import org.apache.kafka.clients.producer.ProducerRecord;

/** Bytes that records take, headers left out. */
final class Sizes {
  private Sizes() {}

  static int of(byte[] bytes) {
    return bytes == null ? 0 : bytes.length;
  }

  static int of(ProducerRecord<byte[], byte[]> record) {
    return of(record.key()) + of(record.value());
  }
}
