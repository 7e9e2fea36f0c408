package io.exactlyonce.ops.metrics;

import io.exactlyonce.lag.GroupLag;
import io.exactlyonce.lag.LagMonitor;
import io.exactlyonce.lag.PartitionLag;
import io.exactlyonce.wiring.PipelineProperties;
import io.exactlyonce.wiring.Pipelines;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micronaut.context.BeanProvider;
import io.micronaut.context.event.ApplicationEventListener;
import io.micronaut.runtime.server.event.ServerStartupEvent;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToDoubleFunction;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Metrics of the lag, by partition and by pipeline. Partitions come and go with what the monitor
 * finds. Those beyond {@link #MAX_PARTITIONS} count only for their pipeline, so that the number of
 * series is bounded.
 */
@Singleton
final class LagMetrics implements MeterBinder, ApplicationEventListener<ServerStartupEvent> {
  /**
   * Most partitions with own series, of all pipelines of the process together; each has one series
   * in each of three gauges.
   */
  private static final int MAX_PARTITIONS = 2_000;

  private record Key(String pipeline, TopicPartition partition) {
    Tags tags() {
      String number = String.valueOf(partition.partition());
      return Tags.of("pipeline", pipeline, "topic", partition.topic(), "partition", number);
    }
  }

  private record OfPartition(String meter, String help, ToDoubleFunction<PartitionLag> value) {}

  /**
   * @param unknown value while nothing of the pipeline is measured
   */
  private record OfPipeline(
      String meter, String help, double unknown, ToDoubleFunction<GroupLag> value) {
    /**
     * The value of a pipeline; {@code unknown} where nothing was measured, since a sum of no
     * partitions would read as a lag of 0.
     */
    double of(@Nullable GroupLag lag) {
      boolean nothing = lag == null || (!lag.isMeasured() && lag.partitions().isEmpty());
      return nothing ? unknown : value.applyAsDouble(lag);
    }
  }

  private static final List<OfPartition> BY_PARTITION =
      List.of(
          new OfPartition(
              "pipeline.lag.records",
              "Offsets from the group's committed offset to the last stable offset",
              PartitionLag::records),
          new OfPartition(
              "pipeline.lag.seconds",
              "How long the oldest record that is not committed has been waiting",
              lag -> lag.seconds().value()),
          new OfPartition(
              "pipeline.lag.held.back.records",
              "Offsets from the last stable offset to the high watermark: an open transaction holds"
                  + " them back",
              PartitionLag::heldBack));

  private static final List<OfPipeline> BY_PIPELINE =
      List.of(
          new OfPipeline(
              "pipeline.lag.sum.records",
              "Lag of all partitions in records",
              Double.NaN,
              GroupLag::records),
          new OfPipeline(
              "pipeline.lag.max.seconds",
              "Lag in seconds of the partition that is furthest behind",
              Double.NaN,
              GroupLag::seconds),
          new OfPipeline(
              "pipeline.lag.lost.records",
              "Records that were deleted from the log before the group processed them",
              Double.NaN,
              GroupLag::lost),
          new OfPipeline(
              "pipeline.lag.overdue.transaction.seconds",
              "By how long the oldest transaction that holds a source back is past its time-out",
              Double.NaN,
              GroupLag::overdueSeconds),
          new OfPipeline(
              "pipeline.lag.measured",
              "1 while the last check could measure the lag of all partitions",
              0,
              lag -> lag.isMeasured() ? 1 : 0));

  private record Rows(OfPartition of, MultiGauge gauge) {}

  private final PipelineProperties properties;
  private final BeanProvider<Pipelines> pipelines;
  private final List<Rows> rows = new CopyOnWriteArrayList<>();
  private volatile Map<String, GroupLag> wholes = Map.of();
  private volatile Map<Key, PartitionLag> parts = Map.of();

  /**
   * @param pipelines got when the server is up, and not before: see {@link PipelineMetrics}
   */
  LagMetrics(PipelineProperties properties, BeanProvider<Pipelines> pipelines) {
    this.properties = properties;
    this.pipelines = pipelines;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    for (OfPartition each : BY_PARTITION) {
      rows.add(
          new Rows(each, MultiGauge.builder(each.meter).description(each.help).register(registry)));
    }
    for (String name : properties.names()) {
      for (OfPipeline each : BY_PIPELINE) {
        Gauge.builder(each.meter, this, metrics -> each.of(metrics.wholes.get(name)))
            .description(each.help)
            .tag("pipeline", name)
            .register(registry);
      }
    }
  }

  private double part(Key key, ToDoubleFunction<PartitionLag> value) {
    PartitionLag lag = parts.get(key);
    return lag == null ? Double.NaN : value.applyAsDouble(lag);
  }

  @Override
  public void onApplicationEvent(ServerStartupEvent event) {
    pipelines.get().lag().ifPresent(monitor -> listen(monitor));
  }

  private void listen(LagMonitor monitor) {
    monitor.onChecked(this::show);
  }

  void show(List<GroupLag> lags) {
    Map<String, GroupLag> byName = new HashMap<>();
    Map<Key, PartitionLag> byPartition = new HashMap<>();
    for (GroupLag lag : lags) {
      byName.put(lag.pipeline(), lag);
      for (PartitionLag part : lag.partitions()) {
        if (byPartition.size() < MAX_PARTITIONS) {
          byPartition.put(new Key(lag.pipeline(), part.partition()), part);
        }
      }
    }
    wholes = byName;
    parts = byPartition;
    for (Rows each : rows) {
      List<Row<?>> now = new ArrayList<>();
      byPartition
          .keySet()
          .forEach(key -> now.add(Row.of(key.tags(), key, k -> part(k, each.of.value))));
      each.gauge.register(now);
    }
  }
}
