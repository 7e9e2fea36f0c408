package io.exactlyonce.engine;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.engine.handling.HandlerThreads;
import io.exactlyonce.engine.intake.RateLimit;
import io.exactlyonce.engine.status.LogFields;
import io.exactlyonce.engine.status.OldestRecord;
import io.exactlyonce.engine.status.WorkerStatus;
import io.exactlyonce.engine.topic.TopicWatch;
import io.exactlyonce.engine.worker.PipelineParts;
import io.exactlyonce.engine.worker.Worker;
import io.exactlyonce.engine.worker.WorkerParts;
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
 * Keeps the wanted number of workers running. The supervisor's thread alone calls it, except for
 * {@link #status}, {@link #oldest} and {@link #warnings}, which any thread may call.
 */
final class WorkerPool implements AutoCloseable {
  private static final long CHECK_MILLIS = 50;

  private final PipelineParts parts;
  private final PipelineConfig config;
  private final TopicWatch topicWatch;
  private final ThreadFactory handlerThreads;
  private final OperatorControls controls;
  private final RateLimit rate;
  private final ScheduledExecutorService timer;
  private final ConcurrentNavigableMap<Integer, WorkerSlot> slots = new ConcurrentSkipListMap<>();

  WorkerPool(PipelineParts parts, OperatorControls controls, ThreadFactory handlerThreads) {
    this.parts = parts;
    this.config = parts.config();
    this.controls = controls;
    this.topicWatch =
        new TopicWatch(
            config.name(),
            parts.topicIds(),
            config.subscribed(),
            Stream.concat(config.sinks().stream(), Stream.of(config.deadLetters())).toList(),
            config.receipts(),
            System.nanoTime());
    this.handlerThreads = handlerThreads;
    this.rate =
        new RateLimit(config.bounds().recordsPerSecond(), System.nanoTime(), controls::isPaused);
    ScheduledThreadPoolExecutor waits =
        new ScheduledThreadPoolExecutor(
            1, task -> new Thread(LogFields.of(config.name(), "", task), config.name() + "-timer"));
    waits.setRemoveOnCancelPolicy(true);
    this.timer = waits;
  }

  /**
   * Starts, restarts and scales workers until a stop is requested or {@code eachLook} returns
   * false.
   *
   * @param eachLook called in each round; must not block; false ends the run
   */
  void run(CountDownLatch stopRequested, WorkerCount scale, BooleanSupplier eachLook)
      throws InterruptedException {
    do {
      topicWatch.maybeLook(System.nanoTime());
      scale.maybeJudge(() -> parts.topicIds().partitions(config.source()));
      adjust(scale);
      if (!eachLook.getAsBoolean()) {
        return;
      }
      slots.values().forEach(this::maybeRestart);
    } while (!stopRequested.await(CHECK_MILLIS, TimeUnit.MILLISECONDS));
  }

  private void maybeRestart(WorkerSlot slot) {
    if (controls.takeRestart(slot.id())) {
      slot.replace();
    }
    slot.maybeRestart(System.nanoTime());
  }

  /**
   * Brings the number of workers to the wanted one. A slot whose worker is still leaving is filled
   * again only after that worker has ended.
   */
  private void adjust(WorkerCount scale) {
    int wanted = controls.isAway() ? 0 : scale.wanted();
    slots.values().removeIf(WorkerSlot::maybeVacate);
    // They leave at once, so that other members get their partitions without a session timeout.
    slots
        .tailMap(wanted)
        .values()
        .forEach(slot -> slot.leave(GroupMembershipOperation.LEAVE_GROUP));
    for (int number = 0; number < wanted; number++) {
      slots.computeIfAbsent(number, each -> newSlot(each, scale));
    }
    slots.values().forEach(slot -> slot.maybeResize(scale.concurrency()));
  }

  private WorkerSlot newSlot(int number, WorkerCount scale) {
    return new WorkerSlot(
        config.workerId(number),
        handlers -> new Worker(new WorkerParts(parts, rate, handlers, timer), number),
        () -> new HandlerThreads(scale.concurrency(), handlerThreads(number)),
        config.restarts(),
        config.handlerLimits().stallAfter(),
        parts.clock());
  }

  private ThreadFactory handlerThreads(int worker) {
    String id = config.workerId(worker);
    return task -> handlerThreads.newThread(LogFields.of(config.name(), id, task));
  }

  List<WorkerStatus> status() {
    return slots.values().stream().map(WorkerSlot::status).toList();
  }

  List<OldestRecord> oldest() {
    return slots.values().stream().flatMap(slot -> slot.oldest().stream()).toList();
  }

  /** Warnings of a pause or an absence, and of deleted or recreated topics. */
  List<String> warnings() {
    return Stream.concat(controls.warnings().stream(), topicWatch.warnings().stream()).toList();
  }

  /**
   * Stops all workers within {@code stop-timeout}: they have nine tenths of it to drain, then those
   * that still run are interrupted.
   */
  @Override
  public void close() {
    slots.values().forEach(slot -> slot.leave(GroupMembershipOperation.DEFAULT));
    long deadline = System.nanoTime() + config.stopTimeout().toNanos() / 10 * 9;
    try {
      for (WorkerSlot slot : slots.values()) {
        slot.await(Duration.ofNanos(deadline - System.nanoTime()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    timer.shutdownNow();
    slots.values().forEach(WorkerSlot::close);
  }
}
