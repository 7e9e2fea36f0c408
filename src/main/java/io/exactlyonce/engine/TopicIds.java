package io.exactlyonce.engine;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;

/** The ids of the source topics, which positions are made of. Shared by a pipeline's workers. */
final class TopicIds {
  private final Admin admin;
  private final Duration timeout;
  private final Map<String, Uuid> ids = new ConcurrentHashMap<>();

  TopicIds(Admin admin, Duration timeout) {
    this.admin = admin;
    this.timeout = timeout;
  }

  /**
   * Asks the broker anew: a topic that was deleted and made again has another id.
   *
   * @throws KafkaException where the broker does not answer in time or does not know a topic
   */
  void refresh(Collection<String> topics) {
    describe(topics).forEach((topic, description) -> ids.put(topic, description.topicId()));
  }

  /** How many partitions these topics have together. */
  int partitions(Collection<String> topics) {
    return describe(topics).values().stream().mapToInt(topic -> topic.partitions().size()).sum();
  }

  private Map<String, TopicDescription> describe(Collection<String> topics) {
    try {
      return admin
          .describeTopics(topics)
          .allTopicNames()
          .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException known ? known : new KafkaException(e.getCause());
    } catch (java.util.concurrent.TimeoutException e) {
      throw new TimeoutException(topics + " were not described within " + timeout, e);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  Uuid of(String topic) {
    return ids.getOrDefault(topic, Uuid.ZERO_UUID);
  }
}
