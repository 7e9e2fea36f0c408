package io.exactlyonce.engine.handling;

import io.exactlyonce.handler.Handler;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/** The time limit of a pipeline's handler calls, and the timer thread that enforces it. */
public final class HandlerLimit implements AutoCloseable {
  private final Duration limit;
  private final ScheduledThreadPoolExecutor timer;

  public HandlerLimit(String pipeline, Duration limit) {
    this.limit = limit;
    // The timer's thread starts with the first timed call, so there is none without a limit.
    this.timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, pipeline + "-handler-limit");
              thread.setDaemon(true);
              return thread;
            });
    // Otherwise the alarm of each call that ended in time would stay queued until its time.
    timer.setRemoveOnCancelPolicy(true);
  }

  /** The handler with the time limit applied; the same handler where the limit is zero. */
  public <I> Handler<I> on(Handler<I> handler) {
    return limit.isZero() ? handler : new TimedHandler<>(handler, limit, timer);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
