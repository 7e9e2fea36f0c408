package io.exactlyonce.receipt;

import java.time.Duration;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;

/**
 * A Kafka client for a try-with-resources statement, which closes it within a bound. Kafka's own
 * {@code close()} waits for calls that the broker does not answer: a minute for those of an admin
 * client, half a minute for a consumer's, without end for a producer's.
 *
 * @param client the client, for use inside the statement
 * @param closing closes the client
 */
public record BoundedClose<C>(C client, Runnable closing) implements AutoCloseable {
  /** Time for a producer to abort a transaction that is still open. */
  private static final Duration ABORT_BOUND = Duration.ofSeconds(5);

  /** Closes an admin client at once; calls that are not answered yet fail. */
  public static BoundedClose<Admin> of(Admin admin) {
    return new BoundedClose<>(admin, () -> admin.close(Duration.ZERO));
  }

  /**
   * Closes a reader at once. It must not be a member of a group, which it would not have time to
   * leave.
   */
  public static BoundedClose<Consumer<byte[], byte[]>> of(Consumer<byte[], byte[]> reader) {
    return new BoundedClose<>(reader, () -> reader.close(CloseOptions.timeout(Duration.ZERO)));
  }

  public static BoundedClose<Producer<byte[], byte[]>> of(Producer<byte[], byte[]> producer) {
    return new BoundedClose<>(producer, () -> producer.close(ABORT_BOUND));
  }

  @Override
  public void close() {
    closing.run();
  }
}
