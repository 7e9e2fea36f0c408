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
 * What the workers' Kafka consumers and producers measure of themselves, read when somebody
 * scrapes. Micrometer's own binder for them takes a thread for each client and looks for new
 * metrics once a minute; once a topic has a metric it drops that of the whole client, so the number
 * of its series grows with the partitions. Here nothing is registered that a closed client would
 * have to be taken from, and what has a topic, a partition or a broker is left out.
 */
@Singleton
final class ClientMetrics implements BeanCreatedEventListener<PrometheusMeterRegistry> {
  private static final String PREFIX = "pipeline.kafka.";

  /** Of the whole client: its metrics by topic, partition and broker have further tags. */
  private static final Set<String> TAGS = Set.of("client-id");

  private static final String OF_GROUP = "-metrics";
  private static final String COUNTER = ".total";

  /** What tells a slow client from a slow broker and from a slow handler. */
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

  /** All points of one name. */
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
   * @param pipelines asked for when somebody scrapes, and not before: see {@link PipelineMetrics}
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
   * @param choices by the name of a pipeline
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

  /** {@code consumer-fetch-manager-metrics}, {@code fetch-latency-avg}: both, as a meter's name. */
  private static String meter(MetricName name) {
    String group = name.group().substring(0, name.group().length() - OF_GROUP.length());
    return PREFIX + group.replace('-', '.') + "." + name.name().replace('-', '.');
  }

  private static void add(
      String meter, String help, Labels labels, double value, Map<String, Family> families) {
    boolean isCounter = meter.endsWith(COUNTER);
    if (isCounter && value < 0) { // it would fail the whole scrape, as a name of both types would
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
