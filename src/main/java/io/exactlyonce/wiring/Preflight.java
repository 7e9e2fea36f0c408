package io.exactlyonce.wiring;

import io.exactlyonce.config.BootstrapServers;
import io.exactlyonce.config.ClientConfigs;
import io.exactlyonce.config.ClientTrial;
import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.config.Secrets;
import io.exactlyonce.guard.redis.RedisServers;
import io.exactlyonce.wiring.peer.Peers;
import io.micronaut.configuration.kafka.config.KafkaDefaultConfiguration;
import io.micronaut.context.ApplicationContext;
import io.micronaut.context.env.Environment;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Checks of the configuration before any bean is made from it. The framework's beans would report a
 * wrong value in many lines, and show it even where it is a secret.
 */
final class Preflight {
  private static final Pattern PLACE = Pattern.compile("line (\\d+), column (\\d+)");

  private static final Pattern WHOLE = Pattern.compile("-?\\d{1,9}");
  private static final int LAST_PORT = 65_535;

  /** Port by which Micronaut is told to choose any free one. */
  private static final int ANY_FREE_PORT = -1;

  private final Environment environment;

  private Preflight(Environment environment) {
    this.environment = environment;
  }

  /**
   * Reads and checks the configuration of a context that is not started yet.
   *
   * @throws ConfigurationException for the first thing that is wrong
   */
  static void check(ApplicationContext context) {
    settings(context);
  }

  /**
   * Does what {@link #check} does.
   *
   * @return the settings of all Kafka clients, by their names in Kafka
   */
  static Map<String, Object> settings(ApplicationContext context) {
    Preflight preflight = new Preflight(context.getEnvironment());
    preflight.read();
    Optional<RedisServers> redis = RedisSettings.check(preflight.environment);
    Map<String, Object> kafka = preflight.kafka();
    BootstrapServers.parse("kafka.bootstrap.servers", servers(kafka));
    PipelineProperties properties = new PipelineProperties(preflight.environment);
    for (String name : properties.names()) {
      PipelineConfig config = properties.parse(name, "start");
      Map<String, Object> given = new LinkedHashMap<>();
      properties
          .raw(name)
          .forEach((key, value) -> given.put(properties.keyAsSet(name, key), value));
      tryClients(config, given, kafka);
    }
    Peers.requireKafka(kafka);
    redis.ifPresent(Preflight::requireRedis);
    return kafka;
  }

  private static void requireRedis(RedisServers servers) {
    String key = servers instanceof RedisServers.Cluster ? "redis.uris" : "redis.uri";
    Peers.notRedis(servers)
        .ifPresent(
            wrong -> {
              throw new ConfigurationException(key, Secrets.HIDDEN, wrong);
            });
  }

  /**
   * Checks the address at which the HTTP server is to listen.
   *
   * @throws ConfigurationException where the host is no address of this machine, or the port is
   *     none
   */
  static void checkServer(ApplicationContext context) {
    Environment environment = context.getEnvironment();
    environment.getProperty("micronaut.server.host", String.class).ifPresent(Preflight::bind);
    environment
        .getProperty("micronaut.server.port", String.class)
        .filter(port -> WHOLE.matcher(port).matches() && !isPort(Long.parseLong(port)))
        .ifPresent(
            port -> {
              throw new ConfigurationException(
                  "micronaut.server.port",
                  port,
                  "is no port up to " + LAST_PORT + "; set SERVER_PORT to a port that is free");
            });
  }

  private static boolean isPort(long port) {
    return port >= ANY_FREE_PORT && port <= LAST_PORT;
  }

  /** Binds the host to any free port, so that what is refused is the host. */
  private static void bind(String host) {
    String reason;
    try {
      new ServerSocket(0, 1, InetAddress.getByName(host)).close();
      return;
    } catch (UnknownHostException e) {
      reason = "cannot be resolved";
    } catch (IOException e) {
      reason = "is no address of this machine (" + e.getMessage() + ")";
    }
    throw new ConfigurationException(
        "micronaut.server.host",
        host,
        reason + "; set SERVER_HOST to 127.0.0.1, or to 0.0.0.0 for every interface");
  }

  private void read() {
    try {
      environment.start();
    } catch (RuntimeException e) { // whatever the reader of a file throws
      StringBuilder messages = new StringBuilder();
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        messages.append(cause.getMessage()).append('\n');
      }
      Matcher place = PLACE.matcher(messages);
      // Only the place: a parser's message quotes the lines around it, which may hold secrets.
      throw new ConfigurationException(
          "configuration",
          System.getProperty("micronaut.config.files", "application.yml"),
          "a file cannot be read"
              + (place.find()
                  ? " at " + place.group()
                  : " (" + messages.toString().lines().findFirst().orElse("") + ")")
              + "; correct it there, or correct micronaut.config.files");
    }
  }

  /**
   * The settings as the pipelines get them: from Micronaut's class, since an environment variable
   * has several readings.
   */
  private Map<String, Object> kafka() {
    Map<String, Object> kafka = new HashMap<>();
    new KafkaDefaultConfiguration(environment)
        .getConfig()
        .forEach((key, value) -> kafka.put(String.valueOf(key), value));
    kafka.putIfAbsent("bootstrap.servers", "localhost:9092");
    kafka.replaceAll((key, value) -> value == null ? "" : value);
    return kafka;
  }

  private static String servers(Map<String, Object> kafka) {
    Object servers = kafka.get("bootstrap.servers");
    return servers instanceof Iterable<?> several
        ? String.join(",", iterated(several))
        : String.valueOf(servers);
  }

  private static List<String> iterated(Iterable<?> several) {
    List<String> texts = new ArrayList<>();
    several.forEach(each -> texts.add(String.valueOf(each)));
    return texts;
  }

  private static void tryClients(
      PipelineConfig config, Map<String, Object> given, Map<String, Object> kafka) {
    kafka.forEach((key, value) -> given.put("kafka." + key, value));
    ClientTrial trial = new ClientTrial(given);
    ClientConfigs configs = new ClientConfigs(config, kafka);
    // The transactional producer last: its settings are computed from numbers that the plain one
    // checks.
    trial.admin(configs.admin());
    trial.consumer(configs.consumer(0));
    trial.consumer(configs.reader());
    trial.producer(configs.producer("start"));
    trial.producer(configs.transactionalProducer(0, "a"));
  }
}
