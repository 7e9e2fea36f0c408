package io.exactlyonce.engine.handling;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A worker's handler threads: as many as handlers may be called at once, which can change while
 * they run. Order does not depend on their number: a {@link Lane} is run by one thread at a time,
 * whichever is free.
 */
public final class HandlerThreads extends ThreadPoolExecutor {
  public HandlerThreads(int size, ThreadFactory factory) {
    super(size, size, 0, TimeUnit.MILLISECONDS, new LinkedBlockingQueue<>(), factory);
  }

  /** By now; more may still end the call that they are at. */
  public int size() {
    return getMaximumPoolSize();
  }

  /**
   * From the next piece of work on. Where there are fewer, a thread that is too many ends once its
   * handler has returned, and idle ones end at once: no call is interrupted. One thread at a time
   * calls it.
   */
  public void resize(int size) {
    if (size > size()) {
      setMaximumPoolSize(size);
      setCorePoolSize(size);
    } else if (size < size()) {
      setCorePoolSize(size);
      setMaximumPoolSize(size);
    }
  }
}
