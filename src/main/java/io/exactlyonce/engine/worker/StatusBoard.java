package io.exactlyonce.engine.worker;

import io.exactlyonce.engine.inflight.Tracks;
import io.exactlyonce.engine.status.OldestRecord;
import io.exactlyonce.engine.status.WorkerFailures;
import io.exactlyonce.engine.status.WorkerState;
import io.exactlyonce.engine.status.WorkerStatus;
import java.util.List;
import java.util.Map;

/**
 * A worker's state and status. Its thread alone changes them; any thread may call {@link #status},
 * {@link #oldest} and {@link #read}.
 */
final class StatusBoard {
  private final String id;
  private final Tracks tracks;
  private WorkerState state = WorkerState.STARTING;
  private volatile WorkerStatus status;
  private volatile boolean oldestWanted;
  private volatile List<OldestRecord> oldest = List.of();
  private volatile boolean readWanted;
  private volatile Map<String, Long> read = Map.of();

  StatusBoard(String id, Tracks tracks) {
    this.id = id;
    this.tracks = tracks;
    publish("");
  }

  void become(WorkerState next, String trouble) {
    if (next != state && !state.mayBecome(next)) {
      throw new IllegalStateException(id + " cannot go from " + state + " to " + next);
    }
    state = next;
    publish(trouble);
  }

  /** Shows the first trouble that is not empty. Called each turn, so cheap without a change. */
  void maybeShow(String... troubles) {
    String trouble = "";
    for (int i = troubles.length - 1; i >= 0; i--) {
      trouble = troubles[i].isEmpty() ? trouble : troubles[i];
    }
    if (!trouble.equals(status.trouble())) {
      publish(trouble);
    }
    if (oldestWanted) {
      oldestWanted = false;
      oldest = tracks.oldestUnsent();
    }
    if (readWanted) {
      readWanted = false;
      read = tracks.readPositions();
    }
  }

  /** Publishes the assigned partitions after they have changed. */
  void refresh() {
    publish(status.trouble());
  }

  /**
   * The oldest unsent record of each partition, as of the first turn after the call before this
   * one. It is looked up only on such a call, so that nothing has to be kept for it. While the
   * worker makes no turn none of them can have been sent; a change of state or partitions clears
   * them.
   */
  List<OldestRecord> oldest() {
    oldestWanted = true;
    return oldest;
  }

  /** Next offset to read by partition, as of the first turn after the call before this one. */
  Map<String, Long> read() {
    readWanted = true;
    return read;
  }

  private void publish(String trouble) {
    oldest = List.of();
    read = Map.of();
    List<String> assigned = tracks.partitions().stream().map(Object::toString).sorted().toList();
    status = new WorkerStatus(id, state, assigned, trouble, WorkerFailures.NONE);
  }

  /** Whether it makes turns: it processes, or recovers. */
  boolean isTurning() {
    return state == WorkerState.RUNNING || state == WorkerState.RECOVERING;
  }

  WorkerState state() {
    return state;
  }

  WorkerStatus status() {
    return status;
  }
}
