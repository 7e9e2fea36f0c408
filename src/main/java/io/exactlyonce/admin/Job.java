package io.exactlyonce.admin;

import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Something that takes longer than a request waits, and can be asked for how far it is. Its own
 * thread writes it; any thread reads it.
 */
public final class Job {
  /** How it stands. */
  public enum State {
    RUNNING,
    DONE,
    FAILED
  }

  /** What it does, and what comes of it by name. */
  @FunctionalInterface
  public interface Work {
    /**
     * @param progress to be added to, in records
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
   * How it ended, or that it has not.
   *
   * @param endedAt null while it runs
   * @param result null unless it is done
   * @param trouble why it failed; empty where it did not
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

  /** As {@code audit}. */
  public String kind() {
    return kind;
  }

  /** Who asked for it, by the token's name. */
  public String who() {
    return who;
  }

  public Instant startedAt() {
    return startedAt;
  }

  /** Records so far. */
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
