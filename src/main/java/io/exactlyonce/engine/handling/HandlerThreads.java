package io.exactlyonce.engine.handling;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A worker's handler threads: as many as handlers may be called at once. The number can change
 * while they run. It does not affect the order of records: a {@link Lane} is run by one thread at a
 * time, whichever is free.
 */
public final class HandlerThreads extends ThreadPoolExecutor {
  public HandlerThreads(int size, ThreadFactory factory) {
    super(size, size, 0, TimeUnit.MILLISECONDS, new LinkedBlockingQueue<>(), factory);
  }

  /** The wanted number of threads; more may still be at their last call. */
  public int size() {
    return getMaximumPoolSize();
  }

  /**
   * Changes the number of threads. A thread too many ends after the piece of work that it is at, an
   * idle one at once; no call is interrupted. One thread at a time calls it.
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
