package io.exactlyonce.ops;

import io.exactlyonce.deadletter.RecordPosition;
import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.engine.status.PipelineStatus;
import io.exactlyonce.engine.status.StoppedPartition;
import io.exactlyonce.engine.status.WorkerStatus;
import io.exactlyonce.explain.Explain;
import io.exactlyonce.explain.Fate;
import java.util.List;
import java.util.function.Supplier;

/**
 * Records that this instance holds: those at which its partitions are stopped, and those that its
 * workers have read and not committed.
 */
record HeldRecords(Supplier<PipelineStatus> status) implements Explain.Running {

  /**
   * Those of the pipeline. Its status is asked for at once, since workers note what they have read
   * only after they were asked.
   */
  static HeldRecords of(Pipeline pipeline) {
    pipeline.status();
    return new HeldRecords(pipeline::status);
  }

  @Override
  public Explain.Standing find(RecordPosition at) {
    PipelineStatus now = status.get();
    for (StoppedPartition stop : now.stops()) {
      if (stop.position().equals(at.toString())) {
        return new Explain.Standing(Fate.STOPPED, "its partition is" + told(now, stop));
      }
    }
    for (StoppedPartition stop : now.stops()) {
      if (isBehind(stop, at)) {
        return notYet(
            "it is behind " + stop.position() + ", at which its partition is" + told(now, stop));
      }
    }
    return read(now.workers(), at);
  }

  private static String told(PipelineStatus now, StoppedPartition stop) {
    return " stopped since "
        + stop.since()
        + " ("
        + stop.reason()
        + "); decide by POST /pipelines/"
        + now.name()
        + "/stops/"
        + stop.position()
        + "/retry, /skip or /dead-letter";
  }

  private static boolean isBehind(StoppedPartition stop, RecordPosition at) {
    RecordPosition stopped = RecordPosition.parse(stop.position());
    return stopped != null
        && stopped.partition().equals(at.partition())
        && stopped.offset() < at.offset();
  }

  private static Explain.Standing read(List<WorkerStatus> workers, RecordPosition at) {
    String partition = at.partition().toString();
    for (WorkerStatus worker : workers) {
      Long read = worker.read().get(partition); // none where it was not asked for before
      String who = "worker " + worker.worker();
      if (read != null && read > at.offset()) {
        return new Explain.Standing(
            Fate.IN_FLIGHT, who + " has read it, and its commit was not seen yet");
      }
      if (worker.partitions().contains(partition)) {
        return notYet(
            who
                + (read == null
                    ? " has its partition: it is in flight, or not read yet"
                    : " has its partition and has not read it yet"));
      }
    }
    return notYet("no worker of this instance has its partition, so ask the instance that has it");
  }

  private static Explain.Standing notYet(String why) {
    return new Explain.Standing(Fate.NOT_YET, why);
  }
}
