package io.exactlyonce.ops;

import io.exactlyonce.admin.Job;
import io.exactlyonce.admin.Maintenance;
import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.engine.status.PipelineState;
import io.exactlyonce.engine.status.PipelineStatus;
import io.exactlyonce.engine.status.WorkerStatus;
import io.exactlyonce.receipt.Rewind;
import io.exactlyonce.receipt.StoppedGroup;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.KafkaException;

/**
 * Job that rewinds a pipeline of this instance: its workers commit what they have finished and
 * leave the group, the offsets are moved, and the workers start again, whether or not that
 * succeeded. Where the group still has members, of other instances, nothing is moved.
 *
 * @param why the reason, for the receipt
 * @param who name of the operator, for the receipt
 */
record RewindJob(
    Pipeline pipeline,
    Maintenance maintenance,
    Rewind.Target target,
    String why,
    String who,
    Clock clock)
    implements Job.Work {
  private static final int MAX_LISTED = 1_000;
  private static final long CHECK_MILLIS = 50;

  /** Time beyond {@code stop-timeout} in which the supervisor notices that a worker has ended. */
  private static final Duration MARGIN = Duration.ofSeconds(2);

  @Override
  public Map<String, Object> run(AtomicLong progress) {
    pipeline.controls().leaveGroup(who, clock.instant());
    try {
      awaitAbsence();
      List<StoppedGroup.Move> moves = maintenance.rewind(target, why, who);
      progress.set(records(moves));
      return result(false, moves, Set.of());
    } finally {
      pipeline.controls().rejoin();
    }
  }

  private void awaitAbsence() {
    long begun = System.nanoTime();
    long bound = pipeline.config().stopTimeout().plus(MARGIN).toNanos();
    while (true) {
      PipelineStatus status = pipeline.status();
      List<String> left = status.workers().stream().map(WorkerStatus::worker).toList();
      if (left.isEmpty() || status.state() != PipelineState.RUNNING) {
        return;
      }
      if (System.nanoTime() - begun > bound) {
        throw new KafkaException(
            "nothing was moved: workers "
                + left
                + " have not ended within stop-timeout; GET /pipelines/"
                + status.name()
                + "/workers/"
                + left.get(0)
                + "/stack shows where one is held");
      }
      try {
        Thread.sleep(CHECK_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new KafkaException("nothing was moved: the job was interrupted", e);
      }
    }
  }

  /** Job that reports the moves and the members that would be in the way. */
  record Preview(Pipeline pipeline, Maintenance maintenance, Rewind.Target target)
      implements Job.Work {
    @Override
    public Map<String, Object> run(AtomicLong progress) {
      List<StoppedGroup.Move> moves = maintenance.previewRewind(target);
      progress.set(records(moves));
      return result(true, moves, inTheWay(pipeline, maintenance));
    }
  }

  /** Client ids of the group's members that are not workers of this instance. */
  static Set<String> inTheWay(Pipeline pipeline, Maintenance maintenance) {
    Set<String> members = new TreeSet<>(maintenance.members());
    pipeline.status().workers().forEach(worker -> members.remove(worker.worker()));
    return members;
  }

  private static long records(List<StoppedGroup.Move> moves) {
    return moves.stream().mapToLong(move -> move.from() - move.to()).sum();
  }

  /** Result of the job; it has at most 1,000 of the moves. */
  private static Map<String, Object> result(
      boolean isDryRun, List<StoppedGroup.Move> moves, Set<String> inTheWay) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("dryRun", isDryRun);
    result.put("partitions", moves.size());
    result.put("offsets", records(moves));
    result.put("moves", moves.stream().limit(MAX_LISTED).map(String::valueOf).toList());
    result.put(
        "to",
        moves.stream().limit(MAX_LISTED).map(move -> move.partition() + "@" + move.to()).toList());
    result.put("inTheWay", List.copyOf(inTheWay));
    return result;
  }
}
