package io.exactlyonce.bench;

import io.exactlyonce.local.Await;
import io.exactlyonce.local.ChildJvm;
import io.exactlyonce.local.ChildProcess;
import io.exactlyonce.local.KafkaHelper;
import io.exactlyonce.local.LocalKafka;
import io.exactlyonce.local.LocalRedis;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/** The broker and the Redis that all contestants meet, and a fresh sink for each. */
final class Stage implements AutoCloseable {
  static final int PARTITIONS = Load.PARTITIONS;
  private static final Duration START_BOUND = Duration.ofSeconds(120);
  private static final List<String> BROKER_JVM = List.of("-Xms1g", "-Xmx1g", "-XX:+UseG1GC");
  private static final List<String> CONTESTANT_JVM = List.of("-Xms512m", "-Xmx512m");

  final Path dir;
  final LocalKafka kafka;
  final LocalRedis redis;
  final KafkaHelper helper;
  private final List<String> jvm;
  private final Map<String, String> ours;
  private int runs;

  /**
   * @param further options of the contestants' JVMs, such as a profiler's
   * @param ours terms of this project's pipeline, below those of a contestant
   */
  Stage(Path dir, List<String> further, Map<String, String> ours) {
    this.dir = dir;
    this.ours = ours;
    this.jvm = Stream.concat(CONTESTANT_JVM.stream(), further.stream()).toList();
    // Data of deleted topics is to be gone soon. Sockets are as large as the kernel finds right,
    // since the loopback interface takes segments of 64 KiB, of which Kafka's 100 KiB do not hold
    // two: the kernel drops one and sends it again after 200 ms. All else is as a broker has it.
    Map<String, String> overrides =
        Map.of(
            "log.segment.delete.delay.ms", "1000",
            "socket.receive.buffer.bytes", "-1",
            "socket.send.buffer.bytes", "-1");
    kafka = LocalKafka.cluster(dir.resolve("kafka"), 1, overrides, BROKER_JVM);
    redis = LocalRedis.start(dir.resolve("redis"), Map.of());
    helper = new KafkaHelper(kafka.bootstrapServers());
  }

  /** A group, a sink and a process for one run. */
  Entrant enter(Contestant contestant, String source, int partitions) {
    String group = contestant.name() + "-" + ++runs;
    String sink = group + "-out";
    helper.createTopic(sink, partitions, Map.of());
    Terms terms =
        Terms.of(kafka.bootstrapServers(), redis.uri(), source, sink, group)
            .with(Map.of("dir", dir.toString()))
            .with(Contestant.isOurs(contestant.name()) ? ours : Map.of())
            .with(contestant.terms());
    return start(contestant, group, sink, terms);
  }

  /** The same once more, after its process was killed. */
  Entrant again(Entrant killed) {
    return start(killed.contestant(), killed.group(), killed.sink(), killed.terms());
  }

  private Entrant start(Contestant contestant, String group, String sink, Terms terms) {
    ChildProcess process =
        ChildJvm.start(dir, group, jvm, contestant.mainClass(), terms.arguments());
    return new Entrant(contestant, group, sink, terms, process, dir.resolve(group + ".log"));
  }

  /** What a run left behind would cost the next one memory. */
  void clear(Entrant entrant) {
    entrant.process().kill();
    helper.admin().deleteTopics(own(entrant.group()));
    delete(dir.resolve(entrant.group()));
    redis.restart();
  }

  /** The sink, and what a contestant made by itself: change logs, repartitioned records. */
  private List<String> own(String group) {
    try {
      return helper.admin().listTopics().names().get().stream()
          .filter(topic -> topic.startsWith(group + "-"))
          .toList();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Backlogs and states of stores are gigabytes; nothing where there are none. */
  private static void delete(Path folder) {
    if (Files.exists(folder)) {
      try (Stream<Path> all = Files.walk(folder)) {
        all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  void drop(String topic) {
    helper.admin().deleteTopics(List.of(topic));
  }

  @Override
  public void close() {
    helper.close();
    redis.close();
    kafka.close();
    delete(dir.resolve("kafka"));
  }

  /** A contestant that runs. */
  record Entrant(
      Contestant contestant,
      String group,
      String sink,
      Terms terms,
      ChildProcess process,
      Path log) {

    /** When it had its first record, in milliseconds since the epoch. */
    long awaitFirst() {
      if (!Await.within(START_BOUND, () -> Clockwork.first(log).isPresent())) {
        throw new IllegalStateException(group + " did not begin: see " + log);
      }
      return Clockwork.first(log).getAsLong();
    }
  }
}
