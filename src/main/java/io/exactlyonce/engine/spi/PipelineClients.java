package io.exactlyonce.engine.spi;

import io.exactlyonce.eventid.EventIds;
import io.exactlyonce.guard.EffectStore;
import io.exactlyonce.guard.Guard;
import java.time.Duration;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;

/**
 * Makes the clients of a pipeline's workers. The caller owns each client and closes it. The methods
 * that make a Kafka client throw a {@link org.apache.kafka.common.errors.NetworkException} while no
 * broker's host name can be resolved, and may then be called again.
 */
public interface PipelineClients {
  Consumer<byte[], byte[]> consumer(int worker);

  /**
   * One of the two transactional producers of a worker, which take turns.
   *
   * @param side {@code a} or {@code b}
   */
  Producer<byte[], byte[]> transactionalProducer(int worker, String side);

  /** The largest record that the producers send, in bytes. */
  int maxRecordBytes();

  /** A producer without transactions, for the deliveries that need none. */
  Producer<byte[], byte[]> plainProducer(int worker);

  /** A {@code read_committed} consumer without a group. */
  Consumer<byte[], byte[]> reader();

  /** The guard of a worker; one that admits everything where the pipeline has none. */
  Guard guard(int worker);

  /** The guard's backend, which must answer before the first claim. */
  Backend guardBackend();

  EffectStore effects();

  Admin admin();

  /** The brokers' addresses, for messages. */
  String brokers();

  /** Finds event ids; the workers' threads share it. */
  EventIds eventIds();

  /**
   * {@code session.timeout.ms} of the consumers: without a heartbeat for so long the group removes
   * a member (classic protocol).
   */
  Duration sessionTimeout();
}
