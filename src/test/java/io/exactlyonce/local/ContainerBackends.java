package io.exactlyonce.local;

import java.util.Map;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.lifecycle.Startables;
import org.testcontainers.utility.DockerImageName;

/** Kafka and Redis as containers of the public images, by Testcontainers. */
public final class ContainerBackends implements Backends {
  private static final String KAFKA = ImageNames.get("KAFKA_IMAGE");
  private static final String REDIS = ImageNames.get("REDIS_IMAGE");
  private static final int REDIS_PORT = 6379;

  private final KafkaContainer kafka;
  private final GenericContainer<?> redis;

  private ContainerBackends(KafkaContainer kafka, GenericContainer<?> redis) {
    this.kafka = kafka;
    this.redis = redis;
  }

  static boolean engineAnswers() {
    return DockerClientFactory.instance().isDockerAvailable();
  }

  public static ContainerBackends start() {
    ContainerBackends backends = new ContainerBackends(kafkaContainer(), redisContainer());
    try {
      Startables.deepStart(backends.kafka, backends.redis).join();
      return backends;
    } catch (RuntimeException e) {
      backends.close();
      throw e;
    }
  }

  // The caller keeps these containers, and close() stops them.
  @SuppressWarnings("resource")
  private static KafkaContainer kafkaContainer() {
    return new KafkaContainer(DockerImageName.parse(KAFKA))
        .withEnv(
            Map.of(
                "KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false",
                "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS", "3",
                "KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS", "3"));
  }

  @SuppressWarnings("resource")
  private static GenericContainer<?> redisContainer() {
    return new GenericContainer<>(DockerImageName.parse(REDIS))
        .withExposedPorts(REDIS_PORT)
        .withCommand(
            "redis-server",
            "--save",
            "",
            "--maxmemory-policy",
            "noeviction",
            "--protected-mode",
            "no");
  }

  @Override
  public String bootstrapServers() {
    return kafka.getBootstrapServers();
  }

  @Override
  public String redisUri() {
    return "redis://" + redis.getHost() + ":" + redis.getMappedPort(REDIS_PORT);
  }

  @Override
  public String description() {
    return KAFKA + " at " + bootstrapServers() + ", " + REDIS + " at " + redisUri();
  }

  @Override
  public void close() {
    kafka.stop();
    redis.stop();
  }
}
