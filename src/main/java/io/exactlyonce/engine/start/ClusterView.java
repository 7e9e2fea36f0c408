package io.exactlyonce.engine.start;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;

/** Requests of the start checks to a cluster; each waits for at most {@code timeout}. */
record ClusterView(Admin admin, Duration timeout) {

  Collection<Node> nodes() throws ExecutionException, TimeoutException, InterruptedException {
    return get(admin.describeCluster().nodes());
  }

  /** Whether the cluster is one broker on this machine, for a demo or for development. */
  boolean isLocal() throws ExecutionException, TimeoutException, InterruptedException {
    Collection<Node> nodes = nodes();
    String host = nodes.iterator().next().host();
    return nodes.size() == 1
        && (host.equals("localhost") || host.startsWith("127.") || host.equals("::1"));
  }

  /** The settings of one broker; those that are checked should be the same on all of them. */
  Config broker() throws ExecutionException, TimeoutException, InterruptedException {
    String id = nodes().iterator().next().idString();
    ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, id);
    return requireNonNull(get(admin.describeConfigs(List.of(broker)).all()).get(broker));
  }

  Map<String, Config> topicConfigs(Collection<String> topics)
      throws ExecutionException, TimeoutException, InterruptedException {
    List<ConfigResource> wanted =
        topics.stream().map(t -> new ConfigResource(ConfigResource.Type.TOPIC, t)).toList();
    Map<String, Config> found = new HashMap<>();
    get(admin.describeConfigs(wanted).all())
        .forEach((resource, settings) -> found.put(resource.name(), settings));
    return found;
  }

  /** One future per topic: a topic that is missing or denied must not hide the others. */
  Map<String, KafkaFuture<TopicDescription>> topics(Collection<String> topics) {
    return admin
        .describeTopics(topics, new DescribeTopicsOptions().includeAuthorizedOperations(true))
        .topicNameValues();
  }

  <T> T get(KafkaFuture<T> future)
      throws ExecutionException, TimeoutException, InterruptedException {
    return future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }
}
