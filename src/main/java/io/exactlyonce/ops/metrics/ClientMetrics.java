package io.exactlyonce.ops.metrics;

import io.exactlyonce.config.ClientMetricsChoice;
import io.exactlyonce.wiring.Pipelines;
import io.exactlyonce.wiring.client.OpenClients;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micronaut.context.BeanProvider;
import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.PrometheusNaming;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;

/**
 * Metrics of the workers' Kafka consumers and producers, read from the clients at a scrape. Metrics
 * by topic, partition or broker are left out, so that the number of series does not grow with them.
 *
 * <p>Micrometer's own binder is not used: it takes a thread for each client, looks for new metrics
 * once a minute, and replaces the metric of the whole client by those of its topics once there are
 * any. Nothing is registered here that would have to be removed when a client is closed.
 */
@Singleton
final class ClientMetrics implements BeanCreatedEventListener<PrometheusMeterRegistry> {
  private static final String PREFIX = "pipeline.kafka.";

  /** Tags of a metric of the whole client; those by topic, partition or broker have more. */
  private static final Set<String> TAGS = Set.of("client-id");

  private static final String OF_GROUP = "-metrics";
  private static final String COUNTER = ".total";

  /**
   * Metrics of {@link ClientMetricsChoice#ESSENTIAL}, which show whether the client, the broker or
   * the handler is slow.
   */
  static final Set<String> ESSENTIAL =
      Set.of(
          "pipeline.kafka.consumer.connection.count",
          "pipeline.kafka.consumer.failed.authentication.total",
          "pipeline.kafka.consumer.last.poll.seconds.ago",
          "pipeline.kafka.consumer.poll.idle.ratio.avg",
          "pipeline.kafka.consumer.coordinator.last.heartbeat.seconds.ago",
          "pipeline.kafka.consumer.coordinator.heartbeat.response.time.max",
          "pipeline.kafka.consumer.fetch.manager.bytes.consumed.total",
          "pipeline.kafka.consumer.fetch.manager.fetch.latency.avg",
          "pipeline.kafka.consumer.fetch.manager.fetch.latency.max",
          "pipeline.kafka.consumer.fetch.manager.fetch.throttle.time.avg",
          "pipeline.kafka.consumer.fetch.manager.records.consumed.total",
          "pipeline.kafka.producer.connection.count",
          "pipeline.kafka.producer.failed.authentication.total",
          "pipeline.kafka.producer.batch.size.avg",
          "pipeline.kafka.producer.buffer.available.bytes",
          "pipeline.kafka.producer.bufferpool.wait.time.ns.total",
          "pipeline.kafka.producer.produce.throttle.time.avg",
          "pipeline.kafka.producer.record.error.total",
          "pipeline.kafka.producer.record.queue.time.max",
          "pipeline.kafka.producer.record.retry.total",
          "pipeline.kafka.producer.record.send.total",
          "pipeline.kafka.producer.request.latency.avg",
          "pipeline.kafka.producer.request.latency.max");

  /** All series of one name. */
  private record Family(
      MetricMetadata metadata, boolean isCounter, List<DataPointSnapshot> points) {
    MetricSnapshot snapshot() {
      if (isCounter) {
        return new CounterSnapshot(
            metadata, points.stream().map(CounterDataPointSnapshot.class::cast).toList());
      }
      return new GaugeSnapshot(
          metadata, points.stream().map(GaugeDataPointSnapshot.class::cast).toList());
    }
  }

  private final BeanProvider<Pipelines> pipelines;

  /**
   * @param pipelines got at a scrape, and not before: see {@link PipelineMetrics}
   */
  ClientMetrics(BeanProvider<Pipelines> pipelines) {
    this.pipelines = pipelines;
  }

  @Override
  public PrometheusMeterRegistry onCreated(BeanCreatedEvent<PrometheusMeterRegistry> event) {
    PrometheusMeterRegistry registry = event.getBean();
    registry.getPrometheusRegistry().register((MultiCollector) this::collect);
    return registry;
  }

  private MetricSnapshots collect() {
    Map<String, ClientMetricsChoice> choices =
        pipelines.get().all().stream()
            .map(pipeline -> pipeline.config())
            .collect(Collectors.toMap(config -> config.name(), config -> config.clientMetrics()));
    return collect(
        pipelines.get().clients(), name -> choices.getOrDefault(name, ClientMetricsChoice.NONE));
  }

  /**
   * @param choices by name of the pipeline
   */
  static MetricSnapshots collect(
      OpenClients clients, Function<String, ClientMetricsChoice> choices) {
    Map<String, Family> families = new TreeMap<>();
    for (OpenClients.Open client : clients.all()) {
      ClientMetricsChoice choice = choices.apply(client.place().pipeline());
      if (choice != ClientMetricsChoice.NONE) {
        add(client, choice, families);
      }
    }
    return new MetricSnapshots(families.values().stream().map(Family::snapshot).toList());
  }

  private static void add(
      OpenClients.Open client, ClientMetricsChoice choice, Map<String, Family> families) {
    OpenClients.Place place = client.place();
    Labels labels =
        Labels.of(
            "pipeline", place.pipeline(),
            "worker", String.valueOf(place.worker()),
            "client", place.kind());
    for (Map.Entry<MetricName, ? extends Metric> metric : client.metrics().get().entrySet()) {
      MetricName name = metric.getKey();
      if (!TAGS.equals(name.tags().keySet()) || !name.group().endsWith(OF_GROUP)) {
        continue;
      }
      String meter = meter(name);
      if ((choice == ClientMetricsChoice.ALL || ESSENTIAL.contains(meter))
          && metric.getValue().metricValue() instanceof Number value) {
        add(meter, name.description(), labels, value.doubleValue(), families);
      }
    }
  }

  /**
   * The name of the meter: {@code consumer-fetch-manager-metrics} and {@code fetch-latency-avg}
   * make {@code pipeline.kafka.consumer.fetch.manager.fetch.latency.avg}.
   */
  private static String meter(MetricName name) {
    String group = name.group().substring(0, name.group().length() - OF_GROUP.length());
    return PREFIX + group.replace('-', '.') + "." + name.name().replace('-', '.');
  }

  private static void add(
      String meter, String help, Labels labels, double value, Map<String, Family> families) {
    boolean isCounter = meter.endsWith(COUNTER);
    if (isCounter && value < 0) { // fails the whole scrape, as one name with two types does
      return;
    }
    String name = PrometheusNaming.sanitizeMetricName(meter.replace('.', '_'));
    Family family =
        families.computeIfAbsent(
            name, key -> new Family(new MetricMetadata(name, help), isCounter, new ArrayList<>()));
    if (family.isCounter == isCounter) {
      family.points.add(
          isCounter
              ? new CounterDataPointSnapshot(value, labels, null, 0)
              : new GaugeDataPointSnapshot(value, labels, null));
    }
  }
}
