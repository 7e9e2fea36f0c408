package io.exactlyonce.local;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Kafka and Redis as processes of this machine, for which Java is enough. */
public final class EmbeddedBackends implements Backends {
  private final LocalKafka kafka;
  private final LocalRedis redis;

  private EmbeddedBackends(LocalKafka kafka, LocalRedis redis) {
    this.kafka = kafka;
    this.redis = redis;
  }

  /** Starts one Kafka node and a Redis for long and shared use. */
  public static EmbeddedBackends start() {
    KafkaClassArchive.prepare();
    return start(LocalFiles.freshDirectory("backends"), 1, Map.of(), LocalKafka.LASTING);
  }

  public static EmbeddedBackends start(Path dir) {
    return start(dir, 1, Map.of(), LocalKafka.FAST_START);
  }

  /**
   * Starts so many Kafka nodes and a Redis; {@code serverOverrides} are server.properties that win
   * over ours.
   */
  public static EmbeddedBackends start(int nodes, Map<String, String> serverOverrides) {
    return start(
        LocalFiles.freshDirectory("backends"), nodes, serverOverrides, LocalKafka.FAST_START);
  }

  /**
   * Starts one broker with a controller that outlives it, for {@link LocalKafka#restartFenced}, and
   * a Redis.
   */
  public static EmbeddedBackends startWithController(Map<String, String> serverOverrides) {
    Path dir = LocalFiles.freshDirectory("backends");
    return start(dir, () -> LocalKafka.withController(dir.resolve("kafka"), serverOverrides));
  }

  private static EmbeddedBackends start(
      Path dir, int nodes, Map<String, String> serverOverrides, List<String> kafkaOptions) {
    return start(
        dir, () -> LocalKafka.cluster(dir.resolve("kafka"), nodes, serverOverrides, kafkaOptions));
  }

  private static EmbeddedBackends start(Path dir, Supplier<LocalKafka> kafka) {
    LocalRedis redis = LocalRedis.start(dir.resolve("redis"), Map.of());
    try {
      return new EmbeddedBackends(kafka.get(), redis);
    } catch (RuntimeException e) {
      redis.close();
      throw e;
    }
  }

  /** The Kafka, for faults, which {@link Backends} of other kinds do not offer. */
  public LocalKafka kafka() {
    return kafka;
  }

  public LocalRedis redis() {
    return redis;
  }

  @Override
  public String bootstrapServers() {
    return kafka.bootstrapServers();
  }

  @Override
  public String redisUri() {
    return redis.uri();
  }

  @Override
  public String description() {
    return "Kafka at " + bootstrapServers() + ", Redis at " + redisUri() + ", own processes";
  }

  @Override
  public void close() {
    kafka.close();
    redis.close();
  }
}
