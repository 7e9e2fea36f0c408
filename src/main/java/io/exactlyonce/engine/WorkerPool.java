package io.exactlyonce.engine;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.engine.handling.HandlerThreads;
import io.exactlyonce.engine.handling.RecordProcessor;
import io.exactlyonce.engine.intake.RateLimit;
import io.exactlyonce.engine.spi.PipelineClients;
import io.exactlyonce.engine.status.LogFields;
import io.exactlyonce.engine.status.OldestRecord;
import io.exactlyonce.engine.status.PipelineCounters;
import io.exactlyonce.engine.status.WorkerStatus;
import io.exactlyonce.engine.topic.TopicIds;
import io.exactlyonce.engine.topic.TopicLimits;
import io.exactlyonce.engine.topic.TopicWatch;
import io.exactlyonce.engine.worker.Worker;
import io.exactlyonce.engine.worker.WorkerParts;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;

/**
 * Keeps as many workers running as are wanted. Its pipeline's supervisor alone calls it, but for
 * {@link #status}, {@link #oldest} and {@link #warnings}.
 */
final class WorkerPool implements AutoCloseable {
  private static final long CHECK_MILLIS = 50;

  private final PipelineConfig config;
  private final PipelineClients clients;
  private final RecordProcessor<?> processor;
  private final TopicIds topicIds;
  private final TopicWatch topicWatch;
  private final PipelineCounters counters;
  private final TopicLimits limits;
  private final ThreadFactory handlerThreads;
  private final Clock clock;
  private final RateLimit rate;
  private final ScheduledExecutorService timer;
  private final ConcurrentNavigableMap<Integer, WorkerSlot> places = new ConcurrentSkipListMap<>();

  WorkerPool(
      PipelineConfig config,
      PipelineClients clients,
      RecordProcessor<?> processor,
      TopicIds topicIds,
      PipelineCounters counters,
      TopicLimits limits,
      ThreadFactory handlerThreads,
      Clock clock) {
    this.config = config;
    this.clients = clients;
    this.processor = processor;
    this.topicIds = topicIds;
    this.topicWatch =
        new TopicWatch(
            config.name(),
            topicIds,
            config.subscribed(),
            Stream.concat(config.sinks().stream(), Stream.of(config.deadLetters())).toList(),
            config.receipts(),
            System.nanoTime());
    this.counters = counters;
    this.handlerThreads = handlerThreads;
    this.clock = clock;
    this.limits = limits;
    this.rate = new RateLimit(config.bounds().recordsPerSecond(), System.nanoTime());
    ScheduledThreadPoolExecutor waits =
        new ScheduledThreadPoolExecutor(
            1, task -> new Thread(LogFields.of(config.name(), "", task), config.name() + "-timer"));
    waits.setRemoveOnCancelPolicy(true);
    this.timer = waits;
  }

  /**
   * Returns when stop is requested, or a look says that it cannot go on.
   *
   * @param eachLook asked at each look at the workers whether to go on; must not wait
   */
  void run(CountDownLatch stopRequested, WorkerCount scale, BooleanSupplier eachLook)
      throws InterruptedException {
    do {
      topicWatch.maybeLook(System.nanoTime());
      scale.maybeJudge(() -> topicIds.partitions(config.source()));
      adjust(scale);
      if (!eachLook.getAsBoolean()) {
        return;
      }
      places.values().forEach(place -> place.maybeRestart(System.nanoTime()));
    } while (!stopRequested.await(CHECK_MILLIS, TimeUnit.MILLISECONDS));
  }

  /** A place that is still being left is filled again once it is empty. */
  private void adjust(WorkerCount scale) {
    int wanted = scale.wanted();
    places.values().removeIf(WorkerSlot::maybeVacate);
    // Out of the group at once: nobody waits for its partitions, and nobody comes back for them.
    places
        .tailMap(wanted)
        .values()
        .forEach(place -> place.leave(GroupMembershipOperation.LEAVE_GROUP));
    for (int number = 0; number < wanted; number++) {
      places.computeIfAbsent(number, each -> newPlace(each, scale));
    }
    places.values().forEach(place -> place.maybeResize(scale.concurrency()));
  }

  private WorkerSlot newPlace(int number, WorkerCount scale) {
    return new WorkerSlot(
        config.workerId(number),
        handlers -> new Worker(parts(handlers), number),
        () -> new HandlerThreads(scale.concurrency(), handlerThreads(number)),
        config.restarts(),
        config.handlerLimits().stallAfter(),
        clock);
  }

  private ThreadFactory handlerThreads(int worker) {
    String id = config.workerId(worker);
    return task -> handlerThreads.newThread(LogFields.of(config.name(), id, task));
  }

  private WorkerParts parts(HandlerThreads handlers) {
    return new WorkerParts(
        config, clients, processor, topicIds, counters, limits, rate, handlers, timer, clock);
  }

  List<WorkerStatus> status() {
    return places.values().stream().map(WorkerSlot::status).toList();
  }

  List<OldestRecord> oldest() {
    return places.values().stream().flatMap(place -> place.oldest().stream()).toList();
  }

  /** What happened to its topics that somebody has to know of. */
  List<String> warnings() {
    return topicWatch.warnings();
  }

  /** The last tenth of the bound is for those that have to be broken off. */
  @Override
  public void close() {
    places.values().forEach(place -> place.leave(GroupMembershipOperation.DEFAULT));
    long deadline = System.nanoTime() + config.stopTimeout().toNanos() / 10 * 9;
    try {
      for (WorkerSlot place : places.values()) {
        place.await(Duration.ofNanos(deadline - System.nanoTime()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    timer.shutdownNow();
    places.values().forEach(WorkerSlot::close);
  }
}
