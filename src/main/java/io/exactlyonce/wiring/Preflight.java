package io.exactlyonce.wiring;

import io.exactlyonce.config.BootstrapServers;
import io.exactlyonce.config.ClientConfigs;
import io.exactlyonce.config.ClientTrial;
import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.config.Secrets;
import io.exactlyonce.guard.RedisServers;
import io.micronaut.configuration.kafka.config.KafkaDefaultConfiguration;
import io.micronaut.context.ApplicationContext;
import io.micronaut.context.env.Environment;
import java.net.BindException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds what is wrong in the configuration before any bean is made of it: the beans of others tell
 * it in many lines, with the value, whatever that is.
 */
final class Preflight {
  private static final Pattern UNCONVERTED =
      Pattern.compile(
          "Error resolving property value \\[([^]]+)]\\. Unable to convert value \\[(.*?)] to target"
              + " type \\[([^]]+)]",
          Pattern.DOTALL);

  private static final Pattern PLACE = Pattern.compile("line (\\d+), column (\\d+)");

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
    Preflight preflight = new Preflight(context.getEnvironment());
    preflight.read();
    Optional<RedisServers> redis = RedisSettings.check(preflight.environment);
    Map<String, Object> kafka = preflight.kafka();
    BootstrapServers.parse("kafka.bootstrap.servers", servers(kafka));
    PipelineProperties properties = new PipelineProperties(preflight.environment);
    for (String name : properties.names()) {
      Map<String, String> raw = properties.raw(name);
      tryClients(PipelineConfig.parse(name, raw, "start"), raw, kafka);
    }
    Peers.requireKafka(kafka);
    redis
        .flatMap(Peers::notRedis)
        .ifPresent(
            wrong -> {
              throw new ConfigurationException("redis.uri", Secrets.HIDDEN, wrong);
            });
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
      // Not what stands there: a reader's message quotes the lines around.
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
   * As the pipelines get it: by the same class, for an environment variable has several readings.
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
      PipelineConfig config, Map<String, String> raw, Map<String, Object> kafka) {
    Map<String, Object> given = new LinkedHashMap<>();
    raw.forEach((key, value) -> given.put(config.key(key), value));
    kafka.forEach((key, value) -> given.put("kafka." + key, value));
    ClientTrial trial = new ClientTrial(given);
    ClientConfigs configs = new ClientConfigs(config, kafka);
    // First those whose settings are not reckoned with before a client has judged them.
    trial.admin(configs.admin());
    trial.consumer(configs.consumer(0));
    trial.consumer(configs.reader());
    trial.producer(configs.producer("start"));
    trial.producer(configs.transactionalProducer(0, "a"));
  }

  /** One line for what a bean could not be made of, where the cause is a setting; else empty. */
  static Optional<String> explain(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof ConfigurationException wrong) {
        return Optional.of(wrong.getMessage());
      }
      Matcher value = UNCONVERTED.matcher(String.valueOf(cause.getMessage()));
      if (value.find()) {
        String key = value.group(1);
        return Optional.of(
            key
                + " = "
                + (Secrets.isSecret(key) ? Secrets.HIDDEN : value.group(2).strip())
                + ": is no "
                + value.group(3)
                + "; correct it, or the environment variable that it comes from");
      }
      if (cause instanceof BindException) {
        return Optional.of(
            "micronaut.server.port: "
                + cause.getMessage()
                + "; set SERVER_PORT to a port that is free");
      }
    }
    return Optional.empty();
  }
}
