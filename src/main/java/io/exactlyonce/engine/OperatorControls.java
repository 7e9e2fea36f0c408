package io.exactlyonce.engine;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What an operator tells a pipeline of this instance to do, beside scaling it: to take nothing in
 * until it is told to go on, to replace a worker, and to have all of them out of the group for as
 * long as its offsets are moved. It is forgotten with the process; any thread may call it.
 */
public final class OperatorControls {
  private final String pipeline;
  private final Set<String> restarts = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Pause pause;
  private volatile @Nullable Pause absence;

  OperatorControls(String pipeline) {
    this.pipeline = pipeline;
  }

  /**
   * That the pipeline takes nothing in, or that its workers are out of the group.
   *
   * @param who by name
   */
  public record Pause(String who, Instant since) {}

  /**
   * Takes nothing in from now on: what was read before is handled and committed, workers keep their
   * partitions, and the lag grows. Where it is paused already, that stays as it is.
   *
   * @param who by name
   */
  public synchronized void pause(String who, Instant at) {
    pause = pause == null ? new Pause(who, at) : pause;
  }

  /** Goes on; nothing happens where it was not paused. */
  public void resume() {
    pause = null;
  }

  public Optional<Pause> paused() {
    return Optional.ofNullable(pause);
  }

  boolean isPaused() {
    return pause != null;
  }

  /**
   * Has all workers commit what they have finished, leave the group and end. None is started until
   * {@link #rejoin}; the number that is wanted is kept.
   *
   * @param who by name
   */
  public void leaveGroup(String who, Instant at) {
    absence = new Pause(who, at);
  }

  /** Has as many workers started again as are wanted; nothing happens where none had left. */
  public void rejoin() {
    absence = null;
  }

  boolean isAway() {
    return absence != null;
  }

  /**
   * Has another worker follow this one, which commits what it has finished and ends first; one that
   * is down is followed at once. A worker whose thread is held in a call is waited for.
   *
   * @param worker its id, as the status says it
   */
  public void restart(String worker) {
    restarts.add(worker);
  }

  /** Whether that was asked for since the last call. */
  boolean takeRestart(String worker) {
    return restarts.remove(worker);
  }

  List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    Pause paused = pause;
    if (paused != null) {
      warnings.add(
          pipeline
              + " is paused by "
              + paused.who()
              + " since "
              + paused.since()
              + " and reads nothing; POST /pipelines/"
              + pipeline
              + "/resume goes on");
    }
    Pause away = absence;
    if (away != null) {
      warnings.add(
          pipeline
              + " has no workers here since "
              + away.since()
              + ", while "
              + away.who()
              + " moves the group's offsets; they start again by themselves when that has ended");
    }
    return warnings;
  }
}
