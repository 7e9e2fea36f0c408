package io.exactlyonce.console;

import io.exactlyonce.alert.AlertMessage;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.config.value.GuardChoice;
import io.exactlyonce.config.value.Units;
import io.exactlyonce.engine.OperatorControls;
import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.engine.status.PipelineStatus;
import io.exactlyonce.engine.status.StoppedPartition;
import io.exactlyonce.engine.status.WorkerStatus;
import io.exactlyonce.guard.ClaimsState;
import io.exactlyonce.lag.GroupLag;
import io.exactlyonce.lag.PartitionLag;
import io.exactlyonce.scaling.ScalingDecision;
import io.exactlyonce.wiring.watch.OtherWorker;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes a pipeline's part of a {@link Live} from the state of the engine and its monitors. */
final class LiveOf {
  private static final int MAX_PARTITIONS = 256;
  private static final int MAX_STOPS = 100;

  private LiveOf() {}

  static Live.OfPipeline pipeline(
      Pipeline pipeline,
      Reading now,
      Rates.Now rates,
      List<OtherWorker> others,
      Optional<GroupLag> lag,
      List<AlertMessage> alerts,
      Optional<ScalingDecision> scaling,
      Optional<ClaimsState> claims) {
    PipelineConfig config = pipeline.config();
    PipelineStatus status = now.status();
    return new Live.OfPipeline(
        config.name(),
        config.group(),
        config.instanceId(),
        status.state().name(),
        status.trouble(),
        status.isReady(),
        status.warnings(),
        pipeline.controls().paused().map(OperatorControls.Pause::who).orElse(null),
        pipeline.wantedWorkers(),
        pipeline.wantedConcurrency(),
        config.guard().store() == GuardChoice.OFF
            ? "off"
            : "on, window " + Units.shortest(config.guard().window()),
        claims.map(state -> claims(state, now)).orElse(null),
        config.delivery().name().toLowerCase(Locale.ROOT).replace('_', '-'),
        status.workers().stream().map(LiveOf::worker).toList(),
        others.stream().map(LiveOf::other).toList(),
        status.stops().stream().limit(MAX_STOPS).map(LiveOf::stop).toList(),
        alerts.stream().map(LiveOf::alert).toList(),
        lag.map(found -> lag(found, read(status))).orElse(null),
        scaling.map(ScalingDecision::text).orElse(null),
        rates,
        new Live.Totals(
            now.read(),
            now.processed(),
            now.skipped(),
            now.duplicates(),
            now.deadLetters(),
            now.outputs(),
            now.commits(),
            now.aborts(),
            now.handlerFailures(),
            now.claimFailures(),
            now.unguarded()));
  }

  private static Live.OfClaims claims(ClaimsState state, Reading now) {
    return new Live.OfClaims(
        state.standing().name(),
        state.generation(),
        now.at().minusNanos(now.nanos() - state.sinceNanos()));
  }

  private static Live.OfWorker worker(WorkerStatus worker) {
    String last = worker.failures().last();
    return new Live.OfWorker(
        worker.worker(),
        worker.state().name(),
        worker.partitions(),
        worker.trouble(),
        worker.failures().count(),
        last.isEmpty() ? null : last,
        worker.failures().lastAt(),
        worker.inFlight().records(),
        worker.inFlight().bytes(),
        worker.inFlight().paused());
  }

  private static Live.OfOther other(OtherWorker other) {
    return new Live.OfOther(other.worker(), other.partitions(), other.lastCommit());
  }

  private static Live.OfStop stop(StoppedPartition stop) {
    return new Live.OfStop(stop.position(), stop.reason(), stop.attempts(), stop.since());
  }

  private static Live.OfAlert alert(AlertMessage alert) {
    return new Live.OfAlert(
        alert.kind().title(),
        alert.kind().severity().text(),
        alert.reason(),
        alert.kind().remedy(),
        alert.since());
  }

  /** Offset of the next record to read, by partition, of this instance's workers. */
  private static Map<String, Long> read(PipelineStatus status) {
    Map<String, Long> read = new HashMap<>();
    status.workers().forEach(worker -> read.putAll(worker.read()));
    return read;
  }

  private static Live.OfLag lag(GroupLag lag, Map<String, Long> read) {
    return new Live.OfLag(
        lag.at(),
        lag.records(),
        lag.seconds(),
        lag.heldBack(),
        lag.lost(),
        lag.cannotMeasure(),
        lag.partitions().stream()
            .limit(MAX_PARTITIONS)
            .map(part -> partition(part, read.get(part.partition().toString())))
            .toList(),
        Math.max(0, lag.partitions().size() - MAX_PARTITIONS));
  }

  private static Live.OfPartition partition(PartitionLag part, @Nullable Long read) {
    return new Live.OfPartition(
        part.partition().toString(),
        part.state().name(),
        part.owner(),
        part.records(),
        part.seconds().value(),
        part.trend().perSecond(),
        part.heldBack(),
        part.open() == null ? null : part.open().transactionalId(),
        part.committed(),
        read);
  }
}
