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
 * The probes of a running pipeline: of Kafka as a whole, which any broker may answer; of each
 * broker that leads a partition of its topics; and of its guard's store.
 */
record BackendProbes(BackendProbe kafka, BrokerProbes brokers, BackendProbe guard) {
  /**
   * Time limit of a request to the cluster. It is shorter than {@link BackendProbe#PATIENCE}, so
   * that after a request to a silent broker another broker can still answer in time.
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
        // An answer of any broker also counts for the cluster: the client may send the cluster's
        // request to a silent broker each time, while the others are busy with its other calls.
        new BrokerProbes(config.name(), admin, topicIds, kafka::postAnswer, clock),
        new BackendProbe(config.name(), guard.address(), guard::ask, clock, BackendProbe.PATIENCE));
  }

  /**
   * The backends that do not answer, and since when. Single brokers are not probed while the
   * cluster as a whole is silent.
   */
  Trouble look(long now) {
    String ofKafka = kafka.look(now);
    String ofBrokers = ofKafka.isEmpty() ? brokers.look(now) : brokers.pause();
    String ofGuard = guard.look(now);
    return new Trouble(
        Stream.of(ofKafka, ofBrokers, ofGuard)
            .filter(text -> !text.isEmpty())
            .collect(Collectors.joining("; ")),
        ofGuard);
  }
}
