package io.exactlyonce.cli.common;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.receipt.BoundedClose;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Connection settings of a command for its Kafka cluster; makes its clients.
 *
 * @param patience bound of a call of a client ({@code default.api.timeout.ms}), once the cluster
 *     was reached
 */
public record Cluster(ClientSettings settings, Duration patience) {
  private static final int REACH_SECONDS = 8;

  /**
   * Checks that the settings suit every kind of client and that the cluster answers. An absent one
   * is reported after seconds, whatever the patience.
   *
   * @throws CommandFailure where a setting is wrong, or the cluster does not answer or refuses
   */
  public void reach() throws CommandFailure {
    settings.check();
    try (BoundedClose<Admin> admin = BoundedClose.of(admin())) {
      ask(admin.client());
    }
  }

  /**
   * Checks that the cluster answers, for a command that is to be quick: no client is made only to
   * try its settings.
   *
   * @return the client that reached the cluster; the caller closes it
   * @throws CommandFailure where a setting is wrong, or the cluster does not answer or refuses
   */
  public Admin reached() throws CommandFailure {
    settings.checkServers();
    Admin admin = tried(this::admin);
    try {
      ask(admin);
      return admin;
    } catch (CommandFailure | RuntimeException absent) {
      BoundedClose.of(admin).close();
      throw absent;
    }
  }

  /**
   * Makes a client. Where Kafka refuses its settings, they are tried as by {@link #reach}, for a
   * message that names the wrong one.
   *
   * @throws WrongSetting naming the wrong setting, in one line
   * @throws KafkaException of the client, where no setting is found to be wrong
   */
  public <C> C tried(Supplier<C> made) throws CommandFailure {
    try {
      return made.get();
    } catch (KafkaException refused) {
      settings.check();
      throw refused;
    }
  }

  private void ask(Admin admin) throws CommandFailure {
    try {
      admin.describeCluster().nodes().get(REACH_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException silent) {
      throw unreachable();
    } catch (ExecutionException failed) {
      throw explained(requireNonNull(failed.getCause()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure("interrupted before it began; run it again");
    }
  }

  /** Tells a cluster that does not answer from one that refuses, such as by a wrong login. */
  private CommandFailure explained(Throwable cause) {
    if (cause instanceof org.apache.kafka.common.errors.TimeoutException) {
      return unreachable();
    }
    return new CommandFailure(
        "Kafka at "
            + settings.servers()
            + " refused: "
            + cause.getMessage()
            + "; check the security settings in --config and the principal's rights");
  }

  private CommandFailure unreachable() {
    return new CommandFailure(
        "Kafka did not answer at "
            + settings.servers()
            + "; check that it runs and --bootstrap-servers is right"
            + ", and if it wants TLS or a login give --config");
  }

  public Admin admin() {
    return Admin.create(given());
  }

  public Admin admin(Map<String, Object> more) {
    Map<String, Object> with = given();
    with.putAll(more);
    return Admin.create(with);
  }

  /** A read_committed consumer without a group, which resets to earliest. */
  public Consumer<byte[], byte[]> reader() {
    return reader(Map.of());
  }

  /** A reader with further settings, which win over its own. */
  public Consumer<byte[], byte[]> reader(Map<String, Object> more) {
    Map<String, Object> with = readerSettings();
    with.putAll(more);
    return new KafkaConsumer<>(with, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** A reader with a group to commit offsets for. */
  public Consumer<byte[], byte[]> reader(String group) {
    Map<String, Object> with = readerSettings();
    with.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    return new KafkaConsumer<>(with, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  public Producer<byte[], byte[]> transactionalProducer(String transactionalId) {
    Map<String, Object> with = settings.producer();
    with.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
    return new KafkaProducer<>(with, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private Map<String, Object> readerSettings() {
    Map<String, Object> with = given();
    with.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 10_000);
    with.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 4 * 1024 * 1024);
    // The client has one fetch at a time to a broker: the first fetch of the next topic waits until
    // the last one returns.
    with.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 50);
    with.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    with.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    with.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    // A mistyped name must not create a topic.
    with.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    with.remove(ConsumerConfig.GROUP_ID_CONFIG);
    return with;
  }

  private Map<String, Object> given() {
    Map<String, Object> given = new HashMap<>(settings.admin());
    given.put(
        CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, Math.toIntExact(patience.toMillis()));
    return given;
  }
}
