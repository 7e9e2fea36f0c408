package io.exactlyonce.admin;

import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Work that outlasts the HTTP request that started it, with its progress and its outcome. The
 * thread that runs the job writes its state; any thread reads it.
 */
public final class Job {
  /** The states of a job; {@code DONE} and {@code FAILED} are final. */
  public enum State {
    RUNNING,
    DONE,
    FAILED
  }

  /** The work of a job. */
  @FunctionalInterface
  public interface Work {
    /**
     * Does the work; what it throws fails the job.
     *
     * @param progress to be raised meanwhile, from 0, in the unit of the job: records read,
     *     letters, offsets or claims
     * @return what was found or done, by name
     */
    Map<String, Object> run(AtomicLong progress);
  }

  private final long id;
  private final String pipeline;
  private final String kind;
  private final String who;
  private final Instant startedAt;
  private final AtomicLong progress = new AtomicLong();
  private volatile Outcome outcome = new Outcome(State.RUNNING, null, null, "");

  /**
   * The state of a job and, if it has ended, its result.
   *
   * @param endedAt null while it runs
   * @param result null unless the state is {@code DONE}
   * @param trouble why it failed; empty unless the state is {@code FAILED}
   */
  public record Outcome(
      State state,
      @Nullable Instant endedAt,
      @Nullable Map<String, Object> result,
      String trouble) {}

  Job(long id, String pipeline, String kind, String who, Instant startedAt) {
    this.id = id;
    this.pipeline = pipeline;
    this.kind = kind;
    this.who = who;
    this.startedAt = startedAt;
  }

  public long id() {
    return id;
  }

  public String pipeline() {
    return pipeline;
  }

  /** The kind of work, such as {@code audit}. */
  public String kind() {
    return kind;
  }

  /** The operator who started it, by the name of the token. */
  public String who() {
    return who;
  }

  public Instant startedAt() {
    return startedAt;
  }

  /** How far it is, from 0, in the unit of its kind: records read, letters, offsets or claims. */
  public long progress() {
    return progress.get();
  }

  public Outcome outcome() {
    return outcome;
  }

  boolean isRunning() {
    return outcome.state == State.RUNNING;
  }

  Map<String, Object> run(Work work) {
    return work.run(progress);
  }

  void end(Outcome how) {
    outcome = how;
  }
}
