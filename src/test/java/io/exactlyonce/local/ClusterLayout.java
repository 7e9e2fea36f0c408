package io.exactlyonce.local;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;

/** Nodes and ports of a local cluster, and the server.properties that follow from them. */
record ClusterLayout(
    Uuid clusterId, Roles roles, List<Integer> brokerPorts, List<Integer> controllerPorts) {
  static final String CONTROLLER = "CONTROLLER";
  private static final String HOST = "127.0.0.1";
  private static final int MAX_REPLICAS = 3;

  /** Whether each broker is a controller too. Controllers APART are nodes after the brokers. */
  enum Roles {
    COMBINED,
    APART
  }

  /** A layout on the given ports: the first half for brokers, the second for controllers. */
  static ClusterLayout of(Uuid clusterId, Roles roles, List<Integer> ports) {
    int half = ports.size() / 2;
    return new ClusterLayout(
        clusterId, roles, ports.subList(0, half), ports.subList(half, 2 * half));
  }

  int nodes() {
    return roles == Roles.COMBINED
        ? brokerPorts.size()
        : brokerPorts.size() + controllerPorts.size();
  }

  int id(int index) {
    return index + 1;
  }

  boolean isBroker(int index) {
    return index < brokerPorts.size();
  }

  /**
   * The address of a node: of a broker the listener for clients, of a controller alone that for
   * brokers.
   */
  String address(int index) {
    return isBroker(index)
        ? HOST + ":" + brokerPorts.get(index)
        : controller(index - brokerPorts.size());
  }

  Map<String, String> serverProperties(int index, Path data) {
    Map<String, String> p = new LinkedHashMap<>();
    p.put("node.id", Integer.toString(id(index)));
    p.put("controller.quorum.voters", voters());
    p.put("controller.listener.names", CONTROLLER);
    p.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    putRoles(p, index);
    p.put("log.dirs", data.toString());
    // A misspelt name would create a topic, which hides the mistake.
    p.put("auto.create.topics.enable", "false");
    putReplication(p);
    // The controller refuses a restarted broker until its session of before has ended: 9 s by
    // default.
    p.put("broker.session.timeout.ms", "3000");
    p.put("broker.heartbeat.interval.ms", "500");
    // So that the node starts, and groups form, without waiting.
    p.put("group.initial.rebalance.delay.ms", "0");
    p.put("log.cleaner.dedupe.buffer.size", "2097152");
    return p;
  }

  private void putRoles(Map<String, String> p, int index) {
    String broker = "PLAINTEXT://" + address(index);
    if (!isBroker(index)) {
      p.put("process.roles", "controller");
      p.put("listeners", "CONTROLLER://" + address(index));
      return;
    }
    boolean combined = roles == Roles.COMBINED;
    p.put("process.roles", combined ? "broker,controller" : "broker");
    p.put("listeners", combined ? broker + ",CONTROLLER://" + controller(index) : broker);
    p.put("advertised.listeners", broker);
    p.put("inter.broker.listener.name", "PLAINTEXT");
  }

  /**
   * Sets the safest replication for the number of brokers: of three, one may be lost without any
   * loss of acknowledged records.
   */
  private void putReplication(Map<String, String> p) {
    String replicas = Integer.toString(Math.min(MAX_REPLICAS, brokerPorts.size()));
    String inSync = Integer.toString(brokerPorts.size() < MAX_REPLICAS ? 1 : MAX_REPLICAS - 1);
    p.put("default.replication.factor", replicas);
    p.put("min.insync.replicas", inSync);
    p.put("offsets.topic.replication.factor", replicas);
    p.put("transaction.state.log.replication.factor", replicas);
    p.put("transaction.state.log.min.isr", inSync);
    p.put("share.coordinator.state.topic.replication.factor", replicas);
    p.put("share.coordinator.state.topic.min.isr", inSync);
    // The default of fifty partitions each would slow down the first start and recoveries.
    p.put("offsets.topic.num.partitions", "3");
    p.put("transaction.state.log.num.partitions", "3");
    p.put("share.coordinator.state.topic.num.partitions", "3");
  }

  private String voters() {
    return IntStream.range(0, controllerPorts.size())
        .mapToObj(i -> id(nodes() - controllerPorts.size() + i) + "@" + controller(i))
        .collect(Collectors.joining(","));
  }

  private String controller(int index) {
    return HOST + ":" + controllerPorts.get(index);
  }
}
