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

/** Shows the state of the pipelines of this instance. */
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
   * State of a pipeline of this instance, and its counts since the process started it.
   *
   * @param state {@code WAITING}, {@code RUNNING}, {@code STOPPING}, {@code STOPPED} or {@code
   *     FAILED}
   * @param trouble what it waits for or why it ended; empty while all is well
   * @param warnings what works but should be changed
   * @param others workers of other instances, by the group and the receipts
   * @param stops records at which its partitions are stopped until an operator decides
   * @param claims state of the guard's claims; null where there is no guard
   * @param rebalances the last twenty of the workers of this instance, the newest last
   * @param lag null before the first check
   * @param alerts that are raised
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

  /**
   * A record at which its partition is stopped until an operator decides.
   *
   * @param position {@code topic-partition@offset}
   * @param attempts calls of the handler
   * @param since when the partition was stopped
   */
  @Serdeable
  record StopView(String position, String reason, int attempts, String since) {}

  /**
   * A worker of this instance.
   *
   * @param partitions assigned to it
   * @param read offset of the next record that it reads, by partition
   * @param trouble what it waits for or why it ended; empty while all is well
   * @param failures number of failures of the workers with this id
   * @param lastFailure why the last one failed; null where none did
   * @param lastFailureAt when; null where none did
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
   * @param lastCommit when it handed its last transaction over for commit; null where none of its
   *     receipts was seen
   */
  @Serdeable
  record OtherView(String worker, List<String> partitions, @Nullable Instant lastCommit) {
    static OtherView of(OtherWorker other) {
      return new OtherView(other.worker(), other.partitions(), other.lastCommit());
    }
  }

  /**
   * Counts since the process started the pipeline. Records of aborted transactions are in {@code
   * read} only.
   *
   * @param read records read
   * @param processed records handled and committed
   * @param skipped records that the handler chose to skip
   * @param duplicates records dropped by the guard
   * @param passed records given up without output, by a setting or an operator
   * @param delayed records put in a retry topic
   * @param outputs records written and committed
   * @param commits transactions committed
   * @param aborts transactions aborted
   * @param rebuilds times that a worker recreated its producers
   * @param rebalances times that the group gave a worker its partitions
   * @param claimFailures calls for claims that failed
   * @param unguarded records handled without a claim, by guard.on-failure: bypass
   * @param unknownCommits commits whose outcome was not known at first
   * @param lost records committed and not handled to their end, by at-most-once
   */
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
   * Lists the pipelines of this instance, each with its state, workers, stops, counts, claims, last
   * rebalances, lag and alerts.
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
