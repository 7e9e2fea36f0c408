package io.exactlyonce.local;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Real Redis Cluster of three primaries with a third of the slots each, and a replica of each. All
 * are processes of their own; a killed primary has a successor within seconds.
 */
public final class LocalRedisCluster implements AutoCloseable {
  private static final int PRIMARIES = 3;
  private static final Duration BOUND = Duration.ofSeconds(60);

  private final List<LocalRedis> nodes = new ArrayList<>();

  private LocalRedisCluster() {}

  /** Starts a cluster; {@code further} are lines of each node's redis.conf. */
  public static LocalRedisCluster start(Map<String, String> further) {
    LocalRedisCluster cluster = new LocalRedisCluster();
    try {
      Path home = LocalFiles.freshDirectory("redis-cluster");
      for (int i = 0; i < 2 * PRIMARIES; i++) {
        cluster.nodes.add(LocalRedis.start(home.resolve("node-" + i), directives(further)));
      }
      cluster.join();
      return cluster;
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private static Map<String, String> directives(Map<String, String> further) {
    Map<String, String> lines = new HashMap<>(further);
    lines.put("cluster-enabled", "yes");
    lines.put("cluster-port", LocalPorts.free(1).get(0).toString());
    lines.put("cluster-node-timeout", "1500");
    lines.put("repl-diskless-sync-delay", "0");
    return lines;
  }

  private void join() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      int number = i;
      ids.add(ask(nodes.get(i), RedisCommands::clusterMyId));
      if (i < PRIMARIES) {
        int from = SlotHash.SLOT_COUNT * i / PRIMARIES;
        int to = SlotHash.SLOT_COUNT * (i + 1) / PRIMARIES;
        int[] slots = IntStream.range(from, to).toArray();
        ask(nodes.get(i), redis -> redis.clusterAddSlots(slots));
      }
      // MEET also needs the port of the bus, since that is not derived from the node's port.
      String[] bus =
          ask(nodes.get(i), redis -> redis.configGet("cluster-port"))
              .values()
              .toArray(String[]::new);
      ask(nodes.get(0), redis -> meet(redis, nodes.get(number).port(), bus[0]));
    }
    for (int i = PRIMARIES; i < nodes.size(); i++) {
      String primary = ids.get(i - PRIMARIES);
      until(nodes.get(i), redis -> redis.clusterNodes().contains(primary));
      ask(nodes.get(i), redis -> redis.clusterReplicate(primary));
    }
    nodes.forEach(node -> until(node, LocalRedisCluster::isWhole));
  }

  private static String meet(RedisCommands<String, String> redis, int port, String bus) {
    return redis.dispatch(
        CommandType.CLUSTER,
        new StatusOutput<>(StringCodec.UTF8),
        new CommandArgs<>(StringCodec.UTF8).add("MEET").add("127.0.0.1").add(port).add(bus));
  }

  private static boolean isWhole(RedisCommands<String, String> redis) {
    String nodes = redis.clusterNodes();
    return redis.clusterInfo().contains("cluster_state:ok")
        && nodes.lines().filter(line -> line.contains("slave")).count() == PRIMARIES
        && (redis.info("replication").contains("role:master")
            ? redis.info("replication").contains("state=online")
            : redis.info("replication").contains("master_link_status:up"));
  }

  private static void until(
      LocalRedis node, Function<RedisCommands<String, String>, Boolean> condition) {
    if (!Await.within(BOUND, () -> ask(node, condition))) {
      throw new IllegalStateException("the cluster did not come up: " + node.uri());
    }
  }

  private static <T> T ask(LocalRedis node, Function<RedisCommands<String, String>, T> question) {
    RedisClient client = RedisClient.create(RedisURI.create(node.uri()));
    try (StatefulRedisConnection<String, String> connection = client.connect()) {
      return question.apply(connection.sync());
    } finally {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
    }
  }

  /** Ports of the first two nodes, since clients are configured with some of the nodes. */
  public List<Integer> ports() {
    return nodes.stream().limit(2).map(LocalRedis::port).toList();
  }

  /** The primaries that have keys of this pattern. */
  public List<LocalRedis> holding(String pattern) {
    return nodes.stream()
        .filter(LocalRedis::isAlive)
        .filter(node -> ask(node, redis -> redis.info("replication").contains("role:master")))
        .filter(node -> !ask(node, redis -> redis.keys(pattern)).isEmpty())
        .toList();
  }

  @Override
  public void close() {
    nodes.forEach(LocalRedis::close);
  }
}
