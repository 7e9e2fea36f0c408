package io.exactlyonce.engine.spi;

import io.exactlyonce.eventid.EventIds;
import io.exactlyonce.guard.EffectStore;
import io.exactlyonce.guard.Guard;
import java.time.Duration;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;

/**
 * Makes the clients of a pipeline's workers. Whoever asks owns what it gets and closes it. Kafka's
 * throw a {@link org.apache.kafka.common.errors.NetworkException} where no broker's name can be
 * resolved now, to be tried again.
 */
public interface PipelineClients {
  Consumer<byte[], byte[]> consumer(int worker);

  /**
   * @param side {@code a} or {@code b}
   */
  Producer<byte[], byte[]> transactionalProducer(int worker, String side);

  /** The largest record that the producers send, in bytes. */
  int maxRecordBytes();

  /** A producer without transactions, for the deliveries that need none. */
  Producer<byte[], byte[]> plainProducer(int worker);

  /** A consumer without a group that reads what is committed. */
  Consumer<byte[], byte[]> reader();

  /** Where the pipeline has no guard, one that admits everything. */
  Guard guard(int worker);

  /** What must answer before the first claim. */
  Backend guardBackend();

  EffectStore effects();

  Admin admin();

  /** The brokers' addresses, for messages. */
  String brokers();

  /** Finds event ids; the workers' threads share it. */
  EventIds eventIds();

  /** After so long without a word from it the group forgets a member (classic protocol). */
  Duration sessionTimeout();
}
