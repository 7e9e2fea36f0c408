package io.exactlyonce.engine.handling;

import io.exactlyonce.handler.Handler;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/** What a pipeline's handlers may take for a record, and the clock thread that holds them to it. */
public final class HandlerLimit implements AutoCloseable {
  private final Duration limit;
  private final ScheduledThreadPoolExecutor timer;

  public HandlerLimit(String pipeline, Duration limit) {
    this.limit = limit;
    // Its thread is started with the first call that is timed, so none where there is no limit.
    this.timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, pipeline + "-handler-limit");
              thread.setDaemon(true);
              return thread;
            });
    // Else each alarm of a call that ended in time would be kept until its time.
    timer.setRemoveOnCancelPolicy(true);
  }

  public <I> Handler<I> on(Handler<I> handler) {
    return limit.isZero() ? handler : new TimedHandler<>(handler, limit, timer);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
