package io.exactlyonce.engine;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * An operator's requests to a pipeline of this instance, except for scaling: pause the intake,
 * replace a worker, and keep all workers out of the group while its offsets are moved. They are in
 * memory only, so a restart of the process forgets them. Any thread may call it.
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
   * A pause of the intake, or an absence of the workers from the group.
   *
   * @param who name of the operator
   */
  public record Pause(String who, Instant since) {}

  /**
   * Stops the intake. Records read before are handled and committed, workers keep their partitions,
   * and the lag grows. Where the pipeline is paused already, the first pause stands.
   *
   * @param who name of the operator
   */
  public synchronized void pause(String who, Instant at) {
    pause = pause == null ? new Pause(who, at) : pause;
  }

  /** Ends the pause; does nothing where there is none. */
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
   * Has all workers commit what they have finished, leave the group and end. No worker is started
   * until {@link #rejoin}; the wanted number of workers is kept.
   *
   * @param who name of the operator
   */
  public void leaveGroup(String who, Instant at) {
    absence = new Pause(who, at);
  }

  /** Has the wanted number of workers started again; does nothing without {@link #leaveGroup}. */
  public void rejoin() {
    absence = null;
  }

  boolean isAway() {
    return absence != null;
  }

  /**
   * Replaces a worker: it commits what it has finished and ends, then another is started. The next
   * one starts at once where the worker is down, and only after the call has returned where its
   * thread is held in a call.
   *
   * @param worker its id, as the status shows it
   */
  public void restart(String worker) {
    restarts.add(worker);
  }

  /** Whether {@link #restart} was called for the worker since the last call of this method. */
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
              + " and takes no records in; POST /pipelines/"
              + pipeline
              + "/resume ends the pause");
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
