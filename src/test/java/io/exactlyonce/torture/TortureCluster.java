package io.exactlyonce.torture;

import io.exactlyonce.local.ChildJvm;
import io.exactlyonce.local.ChildProcess;
import io.exactlyonce.local.CutOff;
import io.exactlyonce.local.KafkaHelper;
import io.exactlyonce.local.LocalKafka;
import io.exactlyonce.local.LocalRedis;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Targets of the faults: three brokers, a Redis behind a proxy, and instances of the pipeline with
 * two workers each. {@link FaultDriver} causes one fault of a part at a time.
 */
final class TortureCluster implements AutoCloseable {
  static final TortureTopics TOPICS = TortureTopics.of("torture");
  static final String SOURCE = TOPICS.source();
  static final int PARTITIONS = 6;
  static final int INSTANCES = 3;

  /** Session timeout of the group, by either protocol. */
  static final Duration SESSION = Duration.ofSeconds(6);

  private static final Map<String, String> BROKERS =
      Map.of(
          "group.consumer.session.timeout.ms", "6000",
          "group.consumer.min.session.timeout.ms", "6000",
          "group.consumer.heartbeat.interval.ms", "500",
          "group.consumer.min.heartbeat.interval.ms", "500",
          "transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000");

  private final Path dir;
  private final TortureOptions options;
  private final LocalKafka kafka;
  private final LocalRedis redis;
  private final CutOff toRedis;
  private final KafkaHelper helper;
  private final String classPath;
  private final Map<Integer, ChildProcess> instances = new TreeMap<>();

  private TortureCluster(Path dir, TortureOptions options) {
    this.dir = dir;
    this.options = options;
    this.kafka = LocalKafka.cluster(dir.resolve("kafka"), 3, BROKERS);
    this.redis = LocalRedis.start(dir.resolve("redis"), Map.of());
    this.toRedis = new CutOff(redis.port());
    this.helper = new KafkaHelper(kafka.bootstrapServers());
    this.classPath =
        options.plant().isEmpty()
            ? ChildJvm.classPath()
            : PlantedClasses.classPath(PlantedBug.of(options.plant()), dir);
  }

  static TortureCluster start(Path dir, TortureOptions options) {
    TortureCluster cluster = new TortureCluster(dir, options);
    cluster.helper.warmUp();
    cluster.helper.createTopic(SOURCE, PARTITIONS, Map.of());
    // With the broker's time, which shows how late an output was written.
    Map<String, String> sink = Map.of("message.timestamp.type", "LogAppendTime");
    cluster.helper.createTopic(TOPICS.left(), PARTITIONS, sink);
    cluster.helper.createTopic(TOPICS.right(), PARTITIONS, sink);
    for (int i = 0; i < INSTANCES; i++) {
      cluster.startInstance(i);
    }
    return cluster;
  }

  LocalKafka kafka() {
    return kafka;
  }

  LocalRedis redis() {
    return redis;
  }

  /** The proxy that every connection of the instances to Redis goes through. */
  CutOff toRedis() {
    return toRedis;
  }

  KafkaHelper helper() {
    return helper;
  }

  String bootstrapServers() {
    return kafka.bootstrapServers();
  }

  synchronized ChildProcess instance(int number) {
    return instances.get(number);
  }

  synchronized List<ChildProcess> instances() {
    return new ArrayList<>(instances.values());
  }

  /** Starts an instance, which replaces the process that had its number. */
  synchronized void startInstance(int number) {
    instances.put(
        number, ChildJvm.start(dir, "instance-" + number, jvm(), classPath, main(), args(number)));
  }

  synchronized void forgetInstance(int number) {
    instances.remove(number);
  }

  private static List<String> jvm() {
    return List.of("-Xmx256m", "-XX:TieredStopAtLevel=1");
  }

  private static String main() {
    return TortureWorker.class.getName();
  }

  private List<String> args(int number) {
    Map<String, Object> settings = new TreeMap<>();
    settings.put("source", SOURCE);
    settings.put("sinks", TOPICS.sinks());
    settings.put("instance-id", "i" + number);
    settings.put("workers", 2);
    settings.put("delivery", options.delivery());
    settings.put("guard.store", options.guard());
    settings.put("group-protocol", options.protocol());
    settings.put("membership", options.membership());
    settings.put("topics.partitions", PARTITIONS);
    settings.put("transaction-timeout", "10s");
    settings.put("drain-timeout", "3s");
    settings.put("handler-timeout", "3s");
    settings.put("retry.attempts", 2);
    settings.put("retry.backoff", "10ms");
    settings.put("guard.timeout", "1s");
    settings.put("in-flight-records", 1000);
    settings.put("consumer.max.poll.records", 200);
    settings.put("consumer.metadata.max.age.ms", 2000);
    if (options.protocol().equals("classic")) {
      settings.put("consumer.session.timeout.ms", SESSION.toMillis());
      settings.put("consumer.heartbeat.interval.ms", 500);
    }
    List<String> args = new ArrayList<>();
    args.add(TOPICS.group());
    args.add(bootstrapServers());
    args.add("redis://127.0.0.1:" + toRedis.port());
    settings.forEach((key, value) -> args.add(key + "=" + value));
    return args;
  }

  /** Sends commands to Redis; does nothing where it does not answer. */
  void tellRedis(Consumer<RedisCommands<String, String>> what) {
    RedisURI uri = RedisURI.create(redis.uri());
    uri.setTimeout(Duration.ofSeconds(2));
    RedisClient client = RedisClient.create(uri);
    try (StatefulRedisConnection<String, String> connection = client.connect()) {
      what.accept(connection.sync());
    } catch (RedisException e) {
      // Redis is down by another fault.
    } finally {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
    }
  }

  @Override
  public void close() {
    instances().forEach(ChildProcess::kill);
    helper.close();
    toRedis.close();
    redis.close();
    kafka.close();
  }
}
