package io.exactlyonce.local;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;

/** Who is in a local cluster and on which ports, and the server.properties that follow from it. */
record ClusterLayout(
    Uuid clusterId, Roles roles, List<Integer> brokerPorts, List<Integer> controllerPorts) {
  static final String CONTROLLER = "CONTROLLER";
  private static final String HOST = "127.0.0.1";
  private static final int MAX_REPLICAS = 3;

  /** Whether a broker is a controller too; where not, the controllers come behind the brokers. */
  enum Roles {
    COMBINED,
    APART
  }

  /** The first half of the ports is the brokers', the second the controllers'. */
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

  /** Where the node listens: a broker for clients, a mere controller for brokers. */
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
    // A topic that a misspelt name creates hides the mistake.
    p.put("auto.create.topics.enable", "false");
    putReplication(p);
    // A killed broker is refused until the session of its former life has ended: 9 s by default.
    p.put("broker.session.timeout.ms", "3000");
    p.put("broker.heartbeat.interval.ms", "500");
    // For a start in two seconds and groups that form at once.
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

  /** As safe as so many nodes can be: of three, one may be lost with nothing acknowledged lost. */
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
    // Fifty partitions each, the default, only make a first start and a recovery slow.
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
