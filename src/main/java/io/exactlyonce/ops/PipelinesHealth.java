package io.exactlyonce.ops;

import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.engine.status.PipelineStatus;
import io.exactlyonce.engine.status.StoppedPartition;
import io.exactlyonce.engine.status.WorkerStatus;
import io.exactlyonce.wiring.Pipelines;
import io.micronaut.health.HealthStatus;
import io.micronaut.management.health.indicator.HealthIndicator;
import io.micronaut.management.health.indicator.HealthResult;
import io.micronaut.management.health.indicator.annotation.Readiness;
import jakarta.inject.Singleton;
import java.util.LinkedHashMap;
import java.util.Map;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/**
 * Readiness: up while every pipeline of this instance processes records, or would if there were
 * any.
 */
@Singleton
@Readiness
final class PipelinesHealth implements HealthIndicator {
  private static final int MAX_STOPS = 5;

  private final Pipelines pipelines;

  PipelinesHealth(Pipelines pipelines) {
    this.pipelines = pipelines;
  }

  @Override
  public Publisher<HealthResult> getResult() {
    return Mono.fromSupplier(this::result);
  }

  private HealthResult result() {
    boolean up = true;
    Map<String, String> details = new LinkedHashMap<>();
    for (Pipeline pipeline : pipelines.all()) {
      PipelineStatus status = pipeline.status();
      up &= status.isReady();
      details.put(status.name(), text(status));
    }
    return HealthResult.builder("pipelines", up ? HealthStatus.UP : HealthStatus.DOWN)
        .details(details)
        .build();
  }

  private static String text(PipelineStatus status) {
    StringBuilder text = new StringBuilder(status.state().name());
    if (!status.trouble().isEmpty()) {
      text.append(": ").append(status.trouble());
    }
    if (!status.stops().isEmpty()) {
      text.append("; ")
          .append(status.stops().size())
          .append(" stopped, decide by POST /pipelines/");
      text.append(status.name()).append("/stops: ");
      text.append(
          status.stops().stream().limit(MAX_STOPS).map(StoppedPartition::toString).toList());
    }
    for (WorkerStatus worker : status.workers()) {
      if (!worker.trouble().isEmpty()) {
        text.append("; ").append(worker.worker()).append(' ').append(worker.state());
        text.append(": ").append(worker.trouble());
      }
    }
    return text.toString();
  }
}
