package io.exactlyonce.console;

import io.exactlyonce.alert.AlertMessage;
import io.exactlyonce.console.TimeLine.Kind;
import io.exactlyonce.engine.status.AbortCause;
import io.exactlyonce.engine.status.PipelineState;
import io.exactlyonce.engine.status.StoppedPartition;
import io.exactlyonce.engine.status.WorkerStatus;
import io.exactlyonce.guard.ClaimsState;
import io.exactlyonce.scaling.ScalingDecision;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds what happened to one pipeline between two samples, and adds it to the time line. Changes
 * that came and went between two samples show only where a counter counts them. The sampler's
 * thread calls it.
 */
final class Happenings {
  private final TimeLine line;
  private final String pipeline;
  private @Nullable Reading last;
  private Map<String, AlertMessage> raised = Map.of();
  private @Nullable Instant scaledAt;
  private @Nullable ClaimsState claims;

  Happenings(TimeLine line, String pipeline) {
    this.line = line;
    this.pipeline = pipeline;
  }

  /**
   * Adds the differences between the last reading and this one.
   *
   * @param alerts that are raised
   * @param scaling the last decision
   * @param claims state of the claims; empty where there is no guard
   */
  void look(
      Reading now,
      List<AlertMessage> alerts,
      Optional<ScalingDecision> scaling,
      Optional<ClaimsState> claims) {
    Reading then = last;
    if (then == null) {
      say(now, Kind.STATE, now.status().state() == PipelineState.FAILED, stateText(now));
    } else {
      states(then, now);
      workers(then, now);
      stops(then, now);
      counts(then, now);
    }
    claims.ifPresent(state -> claims(now, state));
    alerts(now, alerts);
    scaling
        .filter(decision -> !decision.at().equals(scaledAt))
        .ifPresent(
            decision -> {
              scaledAt = decision.at();
              say(now, Kind.SCALING, false, decision.text());
            });
    last = now;
  }

  private void say(Reading now, Kind kind, boolean bad, String text) {
    line.add(now.at(), pipeline, kind, bad, text);
  }

  private void states(Reading then, Reading now) {
    boolean isOther = now.status().state() != then.status().state();
    boolean isTrouble = !now.status().trouble().isEmpty();
    if (isOther || isTrouble == then.status().trouble().isEmpty()) {
      say(
          now,
          Kind.STATE,
          isTrouble || now.status().state() == PipelineState.FAILED,
          stateText(now));
    }
  }

  private static String stateText(Reading now) {
    String trouble = now.status().trouble();
    return now.status().state() + (trouble.isEmpty() ? "" : ": " + trouble);
  }

  private void workers(Reading then, Reading now) {
    Map<String, WorkerStatus> before = byId(then);
    for (WorkerStatus worker : now.status().workers()) {
      WorkerStatus known = before.remove(worker.worker());
      List<String> had = known == null ? List.of() : known.partitions();
      assignment(then, now, worker.worker(), had, worker.partitions());
      if (known != null && worker.failures().count() > known.failures().count()) {
        say(now, Kind.FAILURE, true, worker.worker() + " ended: " + worker.failures().last());
      }
      if (known != null && !worker.trouble().isEmpty() && known.trouble().isEmpty()) {
        say(now, Kind.FAILURE, true, worker.worker() + ": " + worker.trouble());
      }
    }
    before
        .values()
        .forEach(gone -> assignment(then, now, gone.worker(), gone.partitions(), List.of()));
  }

  private static Map<String, WorkerStatus> byId(Reading reading) {
    return reading.status().workers().stream()
        .collect(
            Collectors.toMap(
                WorkerStatus::worker, worker -> worker, (one, other) -> other, HashMap::new));
  }

  private void assignment(
      Reading then, Reading now, String worker, List<String> had, List<String> has) {
    List<String> more = new ArrayList<>(has);
    more.removeAll(had);
    List<String> less = new ArrayList<>(had);
    less.removeAll(has);
    if (!more.isEmpty() || !less.isEmpty()) {
      say(
          now,
          Kind.REBALANCE,
          false,
          worker
              + " has "
              + has.size()
              + " partitions"
              + (more.isEmpty() ? "" : ", took " + some(more))
              + (less.isEmpty() ? "" : ", let go " + some(less))
              + took(then, now, worker));
    }
  }

  /**
   * Text with the time of the last rebalance since {@code then} that changed the assignment of the
   * worker; empty where none is known.
   */
  private static String took(Reading then, Reading now, String worker) {
    return now.rebalances().stream()
        .filter(done -> done.worker().equals(worker) && done.endedNanos() > then.nanos())
        .reduce((one, later) -> later)
        .map(done -> String.format(Locale.ROOT, ", in %.2f s", done.tookNanos() / 1e9))
        .orElse("");
  }

  /** Adds a change of the claims; the first state that is seen is not one. */
  private void claims(Reading now, ClaimsState state) {
    ClaimsState known = claims;
    claims = state;
    if (known == null || known.sinceNanos() == state.sinceNanos()) {
      return;
    }
    switch (state.standing()) {
      case AWAY ->
          say(
              now,
              Kind.GUARD,
              true,
              "claims in Redis cannot be used: lost, replaced by a newer generation, or not"
                  + " rebuilt; records wait unless guard.on-failure is bypass");
      case REBUILDING -> say(now, Kind.GUARD, true, "claims are loaded from the log");
      case KNOWN -> say(now, Kind.GUARD, false, "claims are of generation " + state.generation());
    }
  }

  private static String some(List<String> partitions) {
    int shown = 6;
    return partitions.stream().sorted().limit(shown).collect(Collectors.joining(", "))
        + (partitions.size() > shown ? " and " + (partitions.size() - shown) + " more" : "");
  }

  private void stops(Reading then, Reading now) {
    List<String> before = then.status().stops().stream().map(StoppedPartition::position).toList();
    List<String> after = now.status().stops().stream().map(StoppedPartition::position).toList();
    now.status().stops().stream()
        .filter(stop -> !before.contains(stop.position()))
        .forEach(stop -> say(now, Kind.STOP, true, "stopped at " + stop));
    before.stream()
        .filter(position -> !after.contains(position))
        .forEach(
            position ->
                say(
                    now,
                    Kind.STOP,
                    false,
                    "no longer stopped at "
                        + position
                        + ": an operator decided, the partition moved, or the record is read"
                        + " again"));
  }

  private void counts(Reading then, Reading now) {
    for (AbortCause cause : AbortCause.values()) {
      long aborted = now.aborts(cause) - then.aborts(cause);
      grow(now, Kind.ABORT, "%d transactions aborted: " + cause.text(), aborted);
    }
    grow(now, Kind.GUARD, "%d calls for claims failed", now.claimFailures() - then.claimFailures());
    grow(
        now,
        Kind.GUARD,
        "%d records handled without claims, by guard.on-failure: bypass",
        now.unguarded() - then.unguarded());
    grow(
        now,
        Kind.FAILURE,
        "%d times a worker recreated its producers, after a fence or another fatal error",
        now.rebuilds() - then.rebuilds());
    grow(
        now,
        Kind.LETTER,
        "%d records went to the dead letters",
        now.deadLetters() - then.deadLetters());
    long committed = now.commits() - then.commits();
    if (committed > 0) {
      line.grow(now.at(), pipeline, Kind.COMMIT, false, "%d transactions committed", committed);
    }
  }

  private void grow(Reading now, Kind kind, String text, long count) {
    if (count > 0) {
      line.grow(now.at(), pipeline, kind, true, text, count);
    }
  }

  private void alerts(Reading now, List<AlertMessage> alerts) {
    Map<String, AlertMessage> current = new HashMap<>();
    alerts.forEach(alert -> current.put(alert.kind().title(), alert));
    current.forEach(
        (title, alert) -> {
          if (!raised.containsKey(title)) {
            say(now, Kind.ALERT, true, title + ": " + alert.reason());
          }
        });
    raised.keySet().stream()
        .filter(title -> !current.containsKey(title))
        .forEach(title -> say(now, Kind.ALERT, false, title + " is resolved"));
    raised = current;
  }
}
