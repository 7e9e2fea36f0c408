package io.exactlyonce.local;

import io.exactlyonce.local.ClusterLayout.Roles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;

/**
 * Real Kafka on this machine: one JVM per node, each both broker and controller unless said
 * otherwise.
 *
 * <p>The nodes are processes of their own, so that they can be killed, stopped and restarted with
 * their data like those in production. Closing kills them: at an orderly stop of a whole cluster
 * the nodes wait for seconds for the quorum that the stop itself has ended.
 */
public final class LocalKafka implements AutoCloseable {
  /**
   * Options of a node that lives for a minute, for which the optimizing compiler costs more than it
   * gains.
   */
  public static final List<String> FAST_START =
      List.of("-Xmx512m", "-Xshare:auto", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  /** Options of a node that is shared and runs for long. */
  static final List<String> LASTING =
      List.of("-Xms128m", "-Xmx512m", "-XX:+UseG1GC", "-Xshare:auto", "-XX:-UsePerfData");

  private static final Duration FENCING_BOUND = Duration.ofSeconds(60);
  private static final String FENCED = "Fencing broker";

  private final List<KafkaNode> nodes;
  private final int brokers;

  private LocalKafka(List<KafkaNode> nodes, int brokers) {
    this.nodes = nodes;
    this.brokers = brokers;
  }

  /** Starts one node with its data in a new directory below {@code target/}. */
  public static LocalKafka start() {
    return start(LocalFiles.freshDirectory("kafka"), Map.of());
  }

  /** Starts one node; {@code serverOverrides} are server.properties that win over ours. */
  public static LocalKafka start(Path dir, Map<String, String> serverOverrides) {
    return cluster(dir, 1, serverOverrides);
  }

  /**
   * Starts a cluster. With three or more nodes its internal topics, and new topics by default,
   * survive the loss of one.
   */
  public static LocalKafka cluster(Path dir, int nodes, Map<String, String> serverOverrides) {
    return cluster(dir, nodes, serverOverrides, FAST_START);
  }

  /** Starts one broker, and a controller in a process of its own, which outlives it. */
  public static LocalKafka withController(Path dir, Map<String, String> serverOverrides) {
    return launch(dir, Roles.APART, LocalPorts.free(2), serverOverrides, FAST_START).awaitReady();
  }

  /** Starts a cluster with other JVM options than {@link #FAST_START}. */
  public static LocalKafka cluster(
      Path dir, int nodes, Map<String, String> serverOverrides, List<String> jvmOptions) {
    return launch(dir, nodes, serverOverrides, jvmOptions).awaitReady();
  }

  /** Starts one node without waiting: its address is known, {@link #awaitReady} waits for it. */
  public static LocalKafka launch(Path dir, List<String> jvmOptions) {
    return launch(dir, 1, Map.of(), jvmOptions);
  }

  /**
   * Starts one node at the given port, with the data that an earlier one has left in the directory.
   */
  public static LocalKafka kept(Path dir, int port) {
    List<Integer> ports = List.of(port, LocalPorts.free(1).get(0));
    return launch(dir, Roles.COMBINED, ports, Map.of(), FAST_START).awaitReady();
  }

  private static LocalKafka launch(
      Path dir, int nodes, Map<String, String> serverOverrides, List<String> jvmOptions) {
    return launch(dir, Roles.COMBINED, LocalPorts.free(2 * nodes), serverOverrides, jvmOptions);
  }

  private static LocalKafka launch(
      Path dir,
      Roles roles,
      List<Integer> ports,
      Map<String, String> serverOverrides,
      List<String> jvmOptions) {
    ClusterLayout layout = ClusterLayout.of(Uuid.randomUuid(), roles, ports);
    List<KafkaNode> cluster = new ArrayList<>();
    for (int i = 0; i < layout.nodes(); i++) {
      Path home = LocalFiles.directory(dir.resolve("node-" + layout.id(i)));
      cluster.add(KafkaNode.format(home, layout, i, serverOverrides, jvmOptions));
    }
    LocalKafka kafka = new LocalKafka(List.copyOf(cluster), layout.brokerPorts().size());
    try {
      // All are launched before any is waited for: none gets ready before a majority is there.
      kafka.nodes.forEach(KafkaNode::launch);
    } catch (RuntimeException e) {
      kafka.close();
      throw e;
    }
    return kafka;
  }

  /** Waits until every node takes requests; closes all of them where one does not start. */
  public LocalKafka awaitReady() {
    try {
      nodes.forEach(KafkaNode::awaitReady);
      return this;
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  public String bootstrapServers() {
    return nodes.stream().limit(brokers).map(KafkaNode::address).collect(Collectors.joining(","));
  }

  /** The node with the broker id {@code index + 1}. */
  public KafkaNode node(int index) {
    return nodes.get(index);
  }

  public List<KafkaNode> nodes() {
    return nodes;
  }

  /**
   * Kills the only broker and starts it again once its controller has fenced it: elsewhere the time
   * that a machine takes to start has this effect. A broker that comes back within the session of
   * its former life is its partitions' leader until the controller takes that from it; a
   * transaction coordinator that is at work in that moment leaves out markers (how-it-works.md).
   *
   * @throws IllegalStateException where the controller is no process of its own, or does not fence
   *     the broker
   */
  public void restartFenced() {
    if (nodes.size() != 2 || brokers != 1) {
      throw new IllegalStateException("restartFenced is for a broker with a controller apart");
    }
    KafkaNode controller = nodes.get(1);
    long before = fencings(controller);
    nodes.get(0).kill();
    if (!Await.within(FENCING_BOUND, () -> fencings(controller) > before)) {
      throw new IllegalStateException(controller + " has fenced nobody within " + FENCING_BOUND);
    }
    nodes.get(0).restart();
  }

  private static long fencings(KafkaNode controller) {
    return controller.lines().stream().filter(line -> line.contains(FENCED)).count();
  }

  /** Kills the nodes, and keeps their data. */
  @Override
  public void close() {
    nodes.forEach(KafkaNode::kill);
  }
}
