package io.exactlyonce.ops;

import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.engine.status.PipelineCounters;
import io.exactlyonce.engine.status.PipelineStatus;
import io.exactlyonce.engine.status.WorkerFailures;
import io.exactlyonce.engine.status.WorkerStatus;
import io.exactlyonce.ops.access.Refused;
import io.exactlyonce.wiring.Pipelines;
import io.exactlyonce.wiring.watch.OtherWorker;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Shows how the pipelines of this instance stand. */
@ApiResponse(
    responseCode = "4XX",
    description = "Refused, and why.",
    content = @Content(schema = @Schema(implementation = Refused.class)))
@Controller("/pipelines")
final class PipelinesController {
  private final Pipelines pipelines;

  PipelinesController(Pipelines pipelines) {
    this.pipelines = pipelines;
  }

  /**
   * A pipeline's state and what it counted since this instance started.
   *
   * @param others workers of other instances, as the group and the receipts tell of them
   * @param claims how the guard's claims stand; null where there is no guard
   * @param rebalances the last twenty of this instance's workers, the newest last
   * @param lag null before the first check
   * @param scaling the last decision; null where there was none
   */
  @Serdeable
  record View(
      String name,
      String state,
      String trouble,
      List<String> warnings,
      List<WorkerView> workers,
      List<OtherView> others,
      List<StopView> stops,
      Counts counts,
      @Nullable ClaimsView claims,
      List<RebalanceView> rebalances,
      @Nullable LagView lag,
      List<AlertView> alerts,
      @Nullable ScalingView scaling) {}

  /** A record at which its partition stands until somebody decides. */
  @Serdeable
  record StopView(String position, String reason, int attempts, String since) {}

  /**
   * @param read by partition, the offset of the record that it reads next
   * @param failures of the workers in this place
   * @param lastFailure why the last of them ended, and when; both null where none did
   */
  @Serdeable
  record WorkerView(
      String worker,
      String state,
      List<String> partitions,
      Map<String, Long> read,
      String trouble,
      int failures,
      @Nullable String lastFailure,
      @Nullable Instant lastFailureAt) {}

  /**
   * A worker of another instance.
   *
   * @param lastCommit null where none of its receipts was seen yet
   */
  @Serdeable
  record OtherView(String worker, List<String> partitions, @Nullable Instant lastCommit) {
    static OtherView of(OtherWorker other) {
      return new OtherView(other.worker(), other.partitions(), other.lastCommit());
    }
  }

  /** Aborted work is in {@code read} alone. */
  @Serdeable
  record Counts(
      long read,
      long processed,
      long skipped,
      long duplicates,
      long deadLetters,
      long passed,
      long delayed,
      long outputs,
      long commits,
      long aborts,
      long rebuilds,
      long rebalances,
      long claimFailures,
      long unguarded,
      long unknownCommits,
      long lost) {}

  /**
   * State, workers, stops, counts, claims, the last rebalances, lag and alerts of every pipeline.
   */
  @Get
  List<View> all() {
    return pipelines.all().stream().map(this::view).toList();
  }

  private @Nullable LagView lag(String pipeline) {
    return pipelines.lag().stream()
        .flatMap(monitor -> monitor.latest().stream())
        .filter(lag -> lag.pipeline().equals(pipeline))
        .findFirst()
        .map(LagView::of)
        .orElse(null);
  }

  private View view(Pipeline pipeline) {
    PipelineStatus status = pipeline.status();
    PipelineCounters counters = pipeline.counters();
    Instant now = Instant.now();
    long nanos = System.nanoTime();
    return new View(
        status.name(),
        status.state().name(),
        status.trouble(),
        status.warnings(),
        status.workers().stream().map(PipelinesController::view).toList(),
        pipelines.others(pipeline).stream().map(OtherView::of).toList(),
        status.stops().stream()
            .map(s -> new StopView(s.position(), s.reason(), s.attempts(), s.since().toString()))
            .toList(),
        new Counts(
            counters.read.sum(),
            counters.processed.sum(),
            counters.skipped.sum(),
            counters.duplicates.sum(),
            counters.deadLetters.sum(),
            counters.passed.sum(),
            counters.delayed.sum(),
            counters.outputs.sum(),
            counters.commits.sum(),
            counters.aborts.sum(),
            counters.rebuilds.sum(),
            counters.rebalances.count.sum(),
            counters.claimFailures.sum(),
            counters.unguarded.sum(),
            counters.unknownCommits.sum(),
            counters.lost.sum()),
        pipelines.claims(status.name()).map(c -> ClaimsView.of(c, now, nanos)).orElse(null),
        counters.rebalances.recent().stream()
            .map(done -> RebalanceView.of(done, now, nanos))
            .toList(),
        lag(status.name()),
        pipelines.alerts().raised(status.name()).stream().map(AlertView::of).toList(),
        pipelines.scaling().last(status.name()).map(ScalingView::of).orElse(null));
  }

  private static WorkerView view(WorkerStatus worker) {
    WorkerFailures failures = worker.failures();
    return new WorkerView(
        worker.worker(),
        worker.state().name(),
        worker.partitions(),
        worker.read(),
        worker.trouble(),
        failures.count(),
        failures.last().isEmpty() ? null : failures.last(),
        failures.lastAt());
  }
}
