package io.exactlyonce.engine.spi;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Bytes to what the handler declared. Called by several handler threads at once. */
@FunctionalInterface
public interface InputCodec<I> {
  /**
   * @throws Backend.UnreachableException where what it asks, such as a schema registry, is away:
   *     the record waits
   * @throws Exception where the bytes are not that: the record becomes a dead letter
   */
  I decode(ConsumerRecord<byte[], byte[]> record) throws Exception;
}
