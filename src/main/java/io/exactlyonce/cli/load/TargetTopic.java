package io.exactlyonce.cli.load;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.cli.common.ClientSettings;
import io.exactlyonce.cli.common.CommandFailure;
import io.exactlyonce.receipt.BoundedClose;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Looks the target topic up before the first row is read, so that a missing one is reported at
 * once.
 */
final class TargetTopic {
  /**
   * Bound of the request. With the start of the JVM, an absent cluster is so reported within 10
   * seconds.
   */
  private static final int PATIENCE_SECONDS = 6;

  private TargetTopic() {}

  /**
   * Number of partitions of the topic.
   *
   * @throws CommandFailure if the cluster cannot be reached, refuses, or has no such topic
   */
  static int partitions(CliClients clients, ClientSettings settings, String topic)
      throws CommandFailure {
    String servers = settings.servers();
    try (BoundedClose<Admin> admin = BoundedClose.of(clients.admin(settings.admin()))) {
      Map<String, TopicDescription> found =
          admin
              .client()
              .describeTopics(List.of(topic))
              .allTopicNames()
              .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      return requireNonNull(found.get(topic)).partitions().size();
    } catch (TimeoutException silent) {
      throw unreachable(servers);
    } catch (ExecutionException failed) {
      throw explained(requireNonNull(failed.getCause()), topic, servers);
    } catch (KafkaException misconfigured) {
      Throwable cause = misconfigured.getCause() == null ? misconfigured : misconfigured.getCause();
      throw new CommandFailure(
          "no client for Kafka at "
              + servers
              + ": "
              + cause.getMessage()
              + "; check --bootstrap-servers and --config");
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new CommandFailure("interrupted before the first record was sent; run it again");
    }
  }

  private static CommandFailure explained(Throwable cause, String topic, String servers) {
    if (cause instanceof org.apache.kafka.common.errors.TimeoutException) {
      return unreachable(servers);
    }
    if (cause instanceof UnknownTopicOrPartitionException) {
      return new CommandFailure(
          "topic "
              + topic
              + " does not exist on "
              + servers
              + "; create it first: "
              + "kafka-topics.sh --bootstrap-server "
              + servers
              + " --create --topic "
              + topic
              + " --partitions 6");
    }
    if (cause instanceof InvalidTopicException) {
      return new CommandFailure("--topic " + topic + ": no topic can have this name; correct it");
    }
    return new CommandFailure(
        "Kafka at "
            + servers
            + " refused to describe topic "
            + topic
            + ": "
            + cause.getMessage()
            + "; check the security settings in --config and the principal's rights on the topic");
  }

  private static CommandFailure unreachable(String servers) {
    return new CommandFailure(
        "Kafka did not answer at "
            + servers
            + "; check that it runs and --bootstrap-servers is right"
            + ", and if it wants TLS or a login give --config");
  }
}
