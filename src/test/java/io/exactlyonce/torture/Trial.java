package io.exactlyonce.torture;

import io.exactlyonce.local.Await;
import io.exactlyonce.local.ChildJvm;
import io.exactlyonce.local.ChildProcess;
import io.exactlyonce.local.EmbeddedBackends;
import io.exactlyonce.local.KafkaHelper;
import io.exactlyonce.torture.checker.Line;
import io.exactlyonce.torture.checker.Sent;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Short run of a {@link Scene} on one broker and one Redis, with topics of its own, and its
 * verdict. Its instances have the given class path.
 */
final class Trial implements AutoCloseable {
  private static final int PARTITIONS = 3;
  private static final Duration BOUND = Duration.ofSeconds(120);
  private static final Duration STILL = Duration.ofSeconds(10);
  private static final Duration STOP = Duration.ofSeconds(40);

  /** A record to be sent. Records of one event have the same number. */
  record Made(int partition, int number, TortureWorker.Mode mode) {}

  private final EmbeddedBackends backends;
  private final Path dir;
  private final String classPath;
  private final TortureTopics topics;
  private final KafkaHelper helper;
  private final RedisClient client;
  private final RedisCommands<String, String> redis;
  private final Map<String, ChildProcess> instances = new TreeMap<>();
  private final List<Sent> sent = new ArrayList<>();

  private Trial(EmbeddedBackends backends, Path dir, String name, String classPath) {
    this.backends = backends;
    this.dir = dir;
    this.classPath = classPath;
    this.topics = TortureTopics.of(name);
    this.helper = new KafkaHelper(backends.bootstrapServers());
    this.client = RedisClient.create(backends.redisUri());
    this.redis = client.connect().sync();
  }

  /**
   * Plays a scene to its end.
   *
   * @param dir for the instances' logs
   * @param name of its group, which nothing else on the broker has
   */
  static Verdict run(
      Scene scene, EmbeddedBackends backends, Path dir, String name, String classPath) {
    try (Trial trial = new Trial(backends, dir, name, classPath)) {
      trial.helper.createTopic(trial.topics.source(), PARTITIONS, Map.of());
      trial.helper.createTopic(trial.topics.left(), PARTITIONS, Map.of());
      trial.helper.createTopic(trial.topics.right(), PARTITIONS, Map.of());
      scene.play(trial);
      trial.awaitDrained();
      trial.instances.values().forEach(one -> one.terminate(STOP));
      return Verdict.of(trial.topics, trial.sent, backends.bootstrapServers());
    }
  }

  ChildProcess start(String instance, Map<String, String> own) {
    Map<String, String> settings = new TreeMap<>();
    settings.put("source", topics.source());
    settings.put("sinks", topics.sinks());
    settings.put("instance-id", instance);
    settings.put("transaction-timeout", "10m");
    settings.put("drain-timeout", "4s");
    settings.put("consumer.session.timeout.ms", "30000");
    settings.put("consumer.heartbeat.interval.ms", "300");
    settings.put("consumer.metadata.max.age.ms", "1000");
    settings.putAll(own);
    List<String> args = new ArrayList<>();
    args.add(topics.group());
    args.add(backends.bootstrapServers());
    args.add(backends.redisUri());
    settings.forEach((key, value) -> args.add(key + "=" + value));
    ChildProcess started =
        ChildJvm.start(
            dir,
            topics.group() + "-" + instance,
            List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"),
            classPath,
            TortureWorker.class.getName(),
            args);
    instances.put(instance, started);
    return started;
  }

  Made made(int partition, int number, TortureWorker.Mode mode) {
    return new Made(partition, number, mode);
  }

  /** Sends the records, and returns when all are acknowledged. */
  void send(List<Made> all) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", backends.bootstrapServers());
    settings.put("linger.ms", 20);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      List<Future<RecordMetadata>> answers = new ArrayList<>();
      all.forEach(one -> answers.add(producer.send(record(one))));
      producer.flush();
      for (int i = 0; i < all.size(); i++) {
        Made one = all.get(i);
        sent.add(
            new Sent(
                id(one),
                key(one),
                amount(one),
                Sent.Kind.PROCESSED,
                topics.source(),
                one.partition(),
                answers.get(i).get().offset()));
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private ProducerRecord<byte[], byte[]> record(Made one) {
    Line line = new Line(id(one), amount(one), one.mode().name(), System.currentTimeMillis());
    return new ProducerRecord<>(
        topics.source(),
        one.partition(),
        key(one).getBytes(StandardCharsets.UTF_8),
        line.text().getBytes(StandardCharsets.UTF_8),
        List.of(new RecordHeader("event-id", id(one).getBytes(StandardCharsets.UTF_8))));
  }

  private static String id(Made one) {
    return "e" + one.number();
  }

  private static String key(Made one) {
    return "k" + one.number() % 10;
  }

  private static long amount(Made one) {
    return 1L + one.number();
  }

  /** Waits until each instance has partitions, and all are assigned; returns which. */
  Map<String, List<Integer>> awaitShared(String... names) {
    await(List.of(names) + " share the partitions", () -> isShared(names));
    return shares();
  }

  boolean isShared(String... names) {
    Map<String, List<Integer>> shares = shares();
    return shares.keySet().equals(Set.of(names)) && count(shares) == PARTITIONS;
  }

  private static int count(Map<String, List<Integer>> shares) {
    return shares.values().stream().mapToInt(List::size).sum();
  }

  private Map<String, List<Integer>> shares() {
    Map<String, List<Integer>> shares = new TreeMap<>();
    try {
      answer(helper.admin().describeConsumerGroups(List.of(topics.group())).all())
          .get(topics.group())
          .members()
          .forEach(member -> maybeAdd(shares, member));
    } catch (IllegalStateException e) {
      if (!(e.getCause() instanceof GroupIdNotFoundException)) {
        throw e;
      }
    }
    return shares;
  }

  private void maybeAdd(Map<String, List<Integer>> shares, MemberDescription member) {
    List<Integer> partitions =
        member.assignment().topicPartitions().stream().map(TopicPartition::partition).toList();
    if (!partitions.isEmpty()) {
      String instance = member.clientId().substring(topics.group().length() + 1);
      shares.put(instance.substring(0, instance.lastIndexOf('-')), partitions);
    }
  }

  /** Of all that this run's group has in it; others may be at work. */
  void emptyRedis() {
    redis.del(redis.keys(keys() + "*").toArray(String[]::new));
  }

  private String keys() {
    return "{eo:" + topics.group() + "}:";
  }

  /** Waits until the left sink has so many outputs, committed or not. */
  void awaitSentOut(int number) {
    await(
        number + " outputs are sent", () -> helper.readUncommitted(topics.left()).size() >= number);
  }

  void awaitCommitted(int partition, long offset) {
    await(
        "partition " + partition + " is committed up to " + offset,
        () -> committed().getOrDefault(partition, 0L) >= offset);
  }

  /** Waits until it is committed, or nothing changes for a while: a bug may have skipped it. */
  void maybeAwaitCommitted(int partition, long offset) {
    awaitOrStill(() -> committed().getOrDefault(partition, 0L) >= offset);
  }

  void awaitDrained() {
    awaitOrStill(() -> committed().equals(ends(topics.source())));
  }

  private void awaitOrStill(BooleanSupplier condition) {
    long bound = System.nanoTime() + BOUND.toNanos();
    List<Map<Integer, Long>> before = List.of();
    while (!Await.within(STILL, condition) && System.nanoTime() - bound < 0) {
      // The outputs count too: during a long transaction nothing is committed.
      List<Map<Integer, Long>> now = List.of(committed(), ends(topics.left()));
      if (!now.get(0).isEmpty() && now.equals(before)) {
        return;
      }
      before = now;
    }
  }

  private Map<Integer, Long> committed() {
    Map<Integer, Long> offsets = new TreeMap<>();
    Map<TopicPartition, OffsetAndMetadata> all =
        answer(
            helper
                .admin()
                .listConsumerGroupOffsets(topics.group())
                .partitionsToOffsetAndMetadata());
    all.forEach(
        (partition, offset) -> {
          if (offset != null && offset.offset() > 0) {
            offsets.put(partition.partition(), offset.offset());
          }
        });
    return offsets;
  }

  /** The ends of a topic's partitions, undecided records included. */
  private Map<Integer, Long> ends(String topic) {
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    for (int i = 0; i < PARTITIONS; i++) {
      latest.put(new TopicPartition(topic, i), OffsetSpec.latest());
    }
    Map<Integer, Long> ends = new TreeMap<>();
    answer(helper.admin().listOffsets(latest).all())
        .forEach(
            (partition, end) -> {
              if (end.offset() > 0) {
                ends.put(partition.partition(), end.offset());
              }
            });
    return ends;
  }

  /** Deletes the source and creates it under the same name, with another id. */
  void remakeSource() {
    Uuid before = sourceId();
    answer(helper.admin().deleteTopics(List.of(topics.source())).all());
    await(topics.source() + " is made anew", () -> isRemade(before));
    helper.awaitTopic(topics.source(), PARTITIONS);
  }

  private boolean isRemade(Uuid before) {
    try {
      helper.maybeCreateTopic(topics.source(), PARTITIONS);
      return !sourceId().equals(before);
    } catch (IllegalStateException e) {
      return false; // the old topic is not deleted yet
    }
  }

  private Uuid sourceId() {
    return answer(helper.admin().describeTopics(List.of(topics.source())).allTopicNames())
        .get(topics.source())
        .topicId();
  }

  private static void await(String what, BooleanSupplier condition) {
    if (!Await.within(BOUND, condition)) {
      throw new IllegalStateException("not within " + BOUND + ": " + what);
    }
  }

  private static <T> T answer(KafkaFuture<T> asked) {
    try {
      return asked.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    instances.values().forEach(ChildProcess::kill);
    helper.close();
    client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
  }
}
