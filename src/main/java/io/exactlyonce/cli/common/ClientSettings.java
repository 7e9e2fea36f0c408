package io.exactlyonce.cli.common;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.config.BootstrapServers;
import io.exactlyonce.config.ClientTrial;
import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.wiring.peer.Peers;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.producer.ProducerConfig;

/** The settings of the clients of one load. */
public final class ClientSettings {
  private static final String SERVERS = CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG;

  private final Map<String, Object> given;

  private ClientSettings(Map<String, Object> given) {
    this.given = given;
  }

  /**
   * @param servers from the command line, which wins over the file
   * @param file further client settings, as Kafka's own tools take them
   * @param environment where {@code KAFKA_BOOTSTRAP_SERVERS} is looked up if neither names servers;
   *     without it {@code localhost:9092}
   * @throws CommandFailure if the file cannot be read
   */
  static ClientSettings of(
      Optional<String> servers, Optional<Path> file, Map<String, String> environment)
      throws CommandFailure {
    Map<String, Object> given = new HashMap<>();
    // A load is over before its metrics are of use, and the push is one more thing to fail.
    given.put(CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG, "false");
    given.put(SERVERS, environment.getOrDefault("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"));
    if (file.isPresent()) {
      Properties read = read(file.get());
      read.stringPropertyNames().forEach(name -> given.put(name, read.getProperty(name)));
    }
    servers.ifPresent(named -> given.put(SERVERS, named));
    return new ClientSettings(given);
  }

  /**
   * Tries every client's settings, and asks the servers whether they are Kafka's.
   *
   * @throws WrongSetting in one line, without secrets
   */
  public void check() throws WrongSetting {
    parseServers();
    try {
      ClientTrial trial = new ClientTrial(given);
      trial.admin(admin());
      trial.consumer(admin());
      trial.producer(producer());
    } catch (ConfigurationException wrong) {
      throw new WrongSetting(String.valueOf(wrong.getMessage()));
    }
    askServers();
  }

  /**
   * The servers alone.
   *
   * @throws WrongSetting likewise
   */
  public void checkServers() throws WrongSetting {
    parseServers();
    askServers();
  }

  private void parseServers() throws WrongSetting {
    try {
      BootstrapServers.parse(SERVERS, servers());
    } catch (ConfigurationException wrong) {
      throw new WrongSetting(String.valueOf(wrong.getMessage()));
    }
  }

  private void askServers() throws WrongSetting {
    Optional<String> other = Peers.notKafka(given);
    if (other.isPresent()) {
      throw new WrongSetting(SERVERS + " = " + servers() + ": " + other.get());
    }
  }

  public String servers() {
    return requireNonNull(given.get(SERVERS)).toString();
  }

  /**
   * Settings of a client that gives up soon enough to tell of an absent cluster within 10 seconds.
   */
  public Map<String, Object> admin() {
    Map<String, Object> settings = new HashMap<>(given);
    settings.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, 4_000);
    settings.put(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, 5_000);
    return settings;
  }

  /** The file may change what makes the producer fast, though not what makes it safe. */
  public Map<String, Object> producer() {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 5);
    settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 * 1024);
    settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L * 1024 * 1024);
    // Long enough for a partition to change its leader; a broker gone for good is told in a minute.
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 60_000);
    // More than one, and where a leader has just changed the first batch can be refused, the second
    // taken, and the first be out of order from then on (KAFKA-15591).
    settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    settings.putAll(given);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.remove(ProducerConfig.TRANSACTIONAL_ID_CONFIG);
    return settings;
  }

  private static Properties read(Path file) throws CommandFailure {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
      return properties;
    } catch (IOException | IllegalArgumentException unreadable) {
      throw new WrongSetting(
          "--config " + file + " cannot be read (" + unreadable + "); give a .properties file");
    }
  }
}
