package io.exactlyonce.engine;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.engine.spi.Backend;
import io.exactlyonce.engine.spi.PipelineClients;
import io.exactlyonce.engine.topic.TopicIds;
import java.time.Clock;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;

/**
 * What a pipeline asks for a sign of life while it runs: Kafka as a whole, which any broker
 * answers; each broker that it needs; and its guard's store.
 */
record BackendProbes(BackendProbe kafka, BrokerProbes brokers, BackendProbe guard) {
  /**
   * Shorter than {@link BackendProbe#PATIENCE}: where the broker that happens to be asked is
   * silent, another one answers in time for the cluster.
   */
  private static final Duration KAFKA_BOUND = Duration.ofSeconds(2);

  static BackendProbes of(
      PipelineConfig config, PipelineClients clients, Admin admin, TopicIds topicIds, Clock clock) {
    Backend guard = clients.guardBackend();
    DescribeClusterOptions bounded =
        new DescribeClusterOptions().timeoutMs((int) KAFKA_BOUND.toMillis());
    BackendProbe kafka =
        new BackendProbe(
            config.name(),
            "Kafka at " + clients.brokers(),
            () -> admin.describeCluster(bounded).clusterId().toCompletionStage(),
            clock,
            BackendProbe.PATIENCE);
    return new BackendProbes(
        kafka,
        // What one broker answers is Kafka's answer. The client may hand the cluster's own question
        // to a silent broker again and again while the others are busy with its other calls.
        new BrokerProbes(config.name(), admin, topicIds, kafka::postAnswer, clock),
        new BackendProbe(config.name(), guard.address(), guard::ask, clock, BackendProbe.PATIENCE));
  }

  /** What does not answer, and since when; empty where all do. */
  String look(long now) {
    String ofKafka = kafka.look(now);
    String ofBrokers = ofKafka.isEmpty() ? brokers.look(now) : brokers.pause();
    return Stream.of(ofKafka, ofBrokers, guard.look(now))
        .filter(text -> !text.isEmpty())
        .collect(Collectors.joining("; "));
  }
}
