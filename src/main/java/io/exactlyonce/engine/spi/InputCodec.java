package io.exactlyonce.engine.spi;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Decodes records to the type that the handler declared. Called by several handler threads at once.
 */
@FunctionalInterface
public interface InputCodec<I> {
  /**
   * @throws Backend.UnreachableException where a service that it needs, such as a schema registry,
   *     does not answer: the record waits
   * @throws Exception where the record cannot be decoded: it becomes a dead letter
   */
  I decode(ConsumerRecord<byte[], byte[]> record) throws Exception;
}
