package io.exactlyonce.engine;

import io.exactlyonce.config.PipelineConfig;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a pipeline's workers and starts one anew that ended by a failure, with a back-off. */
final class WorkerPool implements AutoCloseable {
  /** One worker's place: whoever holds it now, and how often in a row it failed. */
  private static final class Place {
    final int number;
    Worker worker;
    Thread thread;
    int failures;
    long startedAt;
    long restartAt;

    Place(int number) {
      this.number = number;
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(WorkerPool.class);
  private static final long CHECK_MILLIS = 100;
  private static final Duration FIRST_BACKOFF = Duration.ofSeconds(1);
  private static final int MOST_DOUBLINGS = 5;
  private static final Duration HEALTHY_AFTER = Duration.ofMinutes(1);

  private final PipelineConfig config;
  private final List<Place> places = new ArrayList<>();
  private final List<ExecutorService> executors = new ArrayList<>();
  private final ScheduledExecutorService timer;
  private final java.util.function.IntFunction<Worker> factory;

  WorkerPool(
      PipelineConfig config,
      Clients clients,
      RecordProcessor<?> processor,
      TopicIds topicIds,
      PipelineCounters counters,
      ThreadFactory handlerThreads,
      Clock clock) {
    this.config = config;
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> new Thread(task, config.name() + "-timer"));
    List<WorkerParts> parts = new ArrayList<>();
    for (int number = 0; number < config.workers(); number++) {
      ExecutorService handlers = Executors.newFixedThreadPool(config.concurrency(), handlerThreads);
      executors.add(handlers);
      parts.add(
          new WorkerParts(config, clients, processor, topicIds, counters, handlers, timer, clock));
      places.add(new Place(number));
    }
    this.factory = number -> new Worker(parts.get(number), number);
  }

  /** Returns when stop is requested. */
  void run(CountDownLatch stopRequested) throws InterruptedException {
    places.forEach(this::start);
    while (!stopRequested.await(CHECK_MILLIS, TimeUnit.MILLISECONDS)) {
      places.forEach(this::maybeRestart);
    }
  }

  private synchronized void start(Place place) {
    place.worker = factory.apply(place.number);
    place.thread = new Thread(place.worker, config.workerId(place.number));
    place.startedAt = System.nanoTime();
    place.restartAt = 0;
    place.thread.start();
  }

  private synchronized void maybeRestart(Place place) {
    if (place.thread.isAlive() || isHopeless(place)) {
      return;
    }
    long now = System.nanoTime();
    if (place.restartAt == 0) {
      boolean wasHealthy = now - place.startedAt > HEALTHY_AFTER.toNanos();
      place.failures = wasHealthy ? 1 : place.failures + 1;
      Duration wait =
          FIRST_BACKOFF.multipliedBy(1L << Math.min(place.failures - 1, MOST_DOUBLINGS));
      place.restartAt = now + wait.toNanos();
      LOG.warn("{} starts again in {}", config.workerId(place.number), wait);
    } else if (now - place.restartAt >= 0) {
      start(place);
    }
  }

  /** Whether somebody has to change something before another start makes sense. */
  private static boolean isHopeless(Place place) {
    return place.worker.failure() instanceof TransactionFailure failure
        && failure.reaction() == Reaction.STOP;
  }

  synchronized List<WorkerStatus> status() {
    return places.stream().filter(p -> p.worker != null).map(p -> p.worker.status()).toList();
  }

  @Override
  public void close() {
    List<Thread> threads;
    synchronized (this) {
      places.stream().filter(p -> p.worker != null).forEach(p -> p.worker.requestStop());
      threads = places.stream().map(p -> p.thread).toList();
    }
    try {
      long deadline = System.nanoTime() + config.stopTimeout().toNanos();
      for (Thread thread : threads) {
        if (thread != null) {
          long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
          thread.join(Math.max(1, left));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    timer.shutdownNow();
    executors.forEach(ExecutorService::shutdownNow);
  }
}
