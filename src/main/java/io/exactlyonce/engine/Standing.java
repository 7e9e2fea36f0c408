package io.exactlyonce.engine;

import java.util.List;

/**
 * What a worker is about and how it stands. Its thread alone changes it; {@link #status} may be
 * asked by any.
 */
final class Standing {
  private final String id;
  private final Tracks tracks;
  private WorkerState state = WorkerState.STARTING;
  private volatile WorkerStatus status;

  Standing(String id, Tracks tracks) {
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

  /** Cheap where nothing has changed: it is called at each turn. */
  void maybeShow(String trouble) {
    if (!trouble.equals(status.trouble())) {
      publish(trouble);
    }
  }

  /** After partitions have come or gone. */
  void refresh() {
    publish(status.trouble());
  }

  private void publish(String trouble) {
    List<String> assigned = tracks.partitions().stream().map(Object::toString).sorted().toList();
    status = new WorkerStatus(id, state, assigned, trouble, WorkerFailures.NONE);
  }

  WorkerState state() {
    return state;
  }

  WorkerStatus status() {
    return status;
  }
}
