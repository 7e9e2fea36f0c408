package io.exactlyonce.config;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Tries settings by making Kafka clients, which are closed at once. So a setting that a client
 * refuses is reported before any client is needed, in one line and without secrets.
 */
public final class ClientTrial {
  /**
   * Kafka's messages where no host of {@code bootstrap.servers} has an address, or, with canonical
   * names in {@code client.dns.lookup}, where one of them has none.
   */
  public static final Pattern UNRESOLVED =
      Pattern.compile("No resolvable bootstrap urls|Unknown host in bootstrap.servers");

  /** An address that resolves, where nothing listens. */
  private static final String NOWHERE = "127.0.0.1:1";

  private final Map<String, String> given;
  private final Secrets secrets;

  /**
   * @param given the keys that the user has set, as written, and their values; of keys that set the
   *     same client setting the one that wins comes first
   */
  public ClientTrial(Map<String, ?> given) {
    this.given = new LinkedHashMap<>();
    given.forEach((key, value) -> this.given.put(key, String.valueOf(value)));
    this.secrets = new Secrets(given);
  }

  /**
   * Tries the settings of a consumer.
   *
   * @throws ConfigurationException where the client refuses them
   */
  public void consumer(Map<String, Object> settings) {
    attempt(
        "consumer",
        settings,
        with ->
            new KafkaConsumer<>(with, new ByteArrayDeserializer(), new ByteArrayDeserializer())
                .close(CloseOptions.timeout(Duration.ZERO)));
  }

  /**
   * Tries the settings of a producer.
   *
   * @throws ConfigurationException where the client refuses them
   */
  public void producer(Map<String, Object> settings) {
    // This one names the setting that it refuses; the producer itself does not always.
    attempt("producer", settings, with -> new ProducerConfig(serialized(with)));
    attempt(
        "producer",
        settings,
        with ->
            new KafkaProducer<>(with, new ByteArraySerializer(), new ByteArraySerializer())
                .close(Duration.ZERO));
  }

  private static Map<String, Object> serialized(Map<String, Object> settings) {
    Map<String, Object> with = new HashMap<>(settings);
    with.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    with.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    return with;
  }

  /**
   * Tries the settings of an admin client.
   *
   * @throws ConfigurationException where the client refuses them
   */
  public void admin(Map<String, Object> settings) {
    attempt("admin client", settings, with -> Admin.create(with).close(Duration.ZERO));
  }

  private void attempt(
      String what, Map<String, Object> settings, Consumer<Map<String, Object>> client) {
    try {
      client.accept(settings);
    } catch (RuntimeException e) { // a client's constructor throws whatever its plug-ins do
      String reason = reason(e);
      boolean elsewhere =
          NOWHERE.equals(settings.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG));
      if (UNRESOLVED.matcher(reason).lookingAt() && !elsewhere) {
        // An outage and not a wrong setting: the other settings can be tried all the same.
        Map<String, Object> nowhere = new HashMap<>(settings);
        nowhere.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, NOWHERE);
        attempt(what, nowhere, client);
        return;
      }
      throw refusal(what, reason);
    }
  }

  private ConfigurationException refusal(String what, String reason) {
    String key =
        given.keySet().stream()
            .filter(set -> reason.contains(kafkaName(set)))
            .findFirst()
            .orElseGet(() -> guess(reason));
    String value = given.getOrDefault(key, "(not set)");
    return new ConfigurationException(
        key,
        Secrets.isSecret(key) && given.containsKey(key) ? Secrets.HIDDEN : value.strip(),
        "Kafka's "
            + what
            + " refuses it: "
            + secrets.hide(reason).replaceAll("\\s+", " ").strip()
            + "; correct or remove it");
  }

  /** The key that the reason is most likely about, where it names no setting. */
  private String guess(String reason) {
    String lower = reason.toLowerCase(Locale.ROOT);
    String about =
        lower.contains("jaas") || lower.contains("login") || lower.contains("sasl")
            ? "sasl.jaas.config"
            : lower.contains("trust")
                ? "ssl.truststore"
                : lower.contains("key") || lower.contains("pem") ? "ssl.keystore" : "ssl.";
    return given.keySet().stream()
        .filter(set -> kafkaName(set).startsWith(about))
        .findFirst()
        .orElse(about.equals("sasl.jaas.config") ? about : "settings of Kafka's clients");
  }

  /** Kafka's name: {@code linger.ms} of {@code pipelines.payments.producer.linger.ms}. */
  private static String kafkaName(String key) {
    return key.replaceFirst(
        "^kafka\\.|^(pipelines\\.[^.]+|pipeline\\.defaults)\\.(producer|consumer)\\.", "");
  }

  private static String reason(RuntimeException e) {
    Throwable cause = e;
    // "Failed to construct kafka producer" gives no reason; its cause does.
    while (cause.getCause() != null && cause instanceof KafkaException) {
      cause = cause.getCause();
    }
    String deepest = String.valueOf(cause.getMessage());
    Throwable first = cause.getCause();
    return first == null || deepest.contains(String.valueOf(first.getMessage()))
        ? deepest
        : deepest + ": " + first.getMessage();
  }
}
