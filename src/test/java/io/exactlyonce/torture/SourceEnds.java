package io.exactlyonce.torture;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/** Check whether all that was written can be read: no transaction is open in any topic of a run. */
final class SourceEnds {
  private SourceEnds() {}

  /** Whether no transaction is open; false where a broker does not answer. */
  static boolean areStable(TortureCluster cluster) throws InterruptedException {
    Admin admin = cluster.helper().admin();
    List<String> topics =
        List.of(TortureCluster.SOURCE, TortureCluster.TOPICS.left(), TortureCluster.TOPICS.right());
    try {
      Map<TopicPartition, OffsetSpec> latest =
          admin.describeTopics(topics).allTopicNames().get(10, TimeUnit.SECONDS).values().stream()
              .flatMap(
                  topic ->
                      topic.partitions().stream()
                          .map(one -> new TopicPartition(topic.name(), one.partition())))
              .collect(Collectors.toMap(one -> one, one -> OffsetSpec.latest()));
      return ends(admin, latest, IsolationLevel.READ_COMMITTED)
          .equals(ends(admin, latest, IsolationLevel.READ_UNCOMMITTED));
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }

  private static Map<TopicPartition, Long> ends(
      Admin admin, Map<TopicPartition, OffsetSpec> latest, IsolationLevel level)
      throws InterruptedException, ExecutionException, TimeoutException {
    return admin
        .listOffsets(latest, new ListOffsetsOptions(level))
        .all()
        .get(10, TimeUnit.SECONDS)
        .entrySet()
        .stream()
        .collect(Collectors.toMap(Map.Entry::getKey, one -> one.getValue().offset()));
  }
}
