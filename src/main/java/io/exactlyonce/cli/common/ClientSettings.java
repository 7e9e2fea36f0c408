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

/** Settings of the Kafka clients of one command, from its options and the environment. */
public final class ClientSettings {
  private static final String SERVERS = CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG;

  private final Map<String, Object> given;

  private ClientSettings(Map<String, Object> given) {
    this.given = given;
  }

  /**
   * Makes them from the options of a command.
   *
   * @param servers value of {@code --bootstrap-servers}, which wins over the file
   * @param file of {@code --config}: further client settings, in .properties format
   * @param environment where {@code KAFKA_BOOTSTRAP_SERVERS} is looked up if neither names servers;
   *     without it {@code localhost:9092}
   * @throws WrongSetting if the file cannot be read
   */
  static ClientSettings of(
      Optional<String> servers, Optional<Path> file, Map<String, String> environment)
      throws CommandFailure {
    Map<String, Object> given = new HashMap<>();
    // No metrics are pushed (KIP-714): a command ends before they are of use, and the push may
    // fail.
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
   * Tries the settings of every kind of client, and asks whether the bootstrap servers speak Kafka.
   * Servers that do not answer pass.
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
   * Checks the bootstrap servers as {@link #check} does, and tries no client.
   *
   * @throws WrongSetting in one line, without secrets
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
   * Settings of an admin client that gives up soon enough for an absent cluster to be reported
   * within 10 seconds.
   */
  public Map<String, Object> admin() {
    Map<String, Object> settings = new HashMap<>(given);
    settings.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, 4_000);
    settings.put(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, 5_000);
    return settings;
  }

  /**
   * Settings of an idempotent producer with {@code acks=all}. The file may change its batching,
   * compression and time-outs, but neither of these two; a transactional id in it is ignored.
   */
  public Map<String, Object> producer() {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 5);
    settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 * 1024);
    settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L * 1024 * 1024);
    // Long enough for a partition to change its leader; a broker gone for good is reported within a
    // minute.
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 60_000);
    // With more than one, after a change of leader the first batch can be refused and the second
    // taken, and the first is then out of order for good (KAFKA-15591).
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
