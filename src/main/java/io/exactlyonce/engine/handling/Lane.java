package io.exactlyonce.engine.handling;

import io.exactlyonce.engine.inflight.ParkedRecord;
import io.exactlyonce.engine.inflight.ParkedRecords;
import io.exactlyonce.engine.inflight.PolledRecords;
import io.exactlyonce.engine.inflight.RecordResult;
import io.exactlyonce.engine.inflight.Signal;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Queue of records that are handled strictly one after the other, by whichever handler thread is
 * free.
 *
 * <p>Threads: any thread adds; at most one thread runs, since only the caller that turns {@code
 * busy} from false to true may submit, and it stays true while a record is parked. {@code current},
 * {@code attempt} and {@code waits} belong to the running thread; the executor's queue publishes
 * them from one run to the next.
 */
public final class Lane implements Runnable {
  /** The records of one poll from {@code next} up to, but without, {@code to}. */
  static final class Work {
    final PolledRecords polled;
    final int to;
    int next;

    Work(PolledRecords polled, int from, int to) {
      this.polled = polled;
      this.next = from;
      this.to = to;
    }
  }

  private static final long RAISE_EVERY_NANOS = 500_000;

  /**
   * Wait before the next attempt of a record that needs a service that is away: doubled from the
   * first up to the last.
   */
  private static final Duration FIRST_WAIT = Duration.ofMillis(100);

  private static final Duration LAST_WAIT = Duration.ofSeconds(2);

  private final Queue<Work> queue = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean busy = new AtomicBoolean();
  private final RecordProcessor<?> processor;
  private final Executor handlers;
  private final ScheduledExecutorService timer;
  private final Signal signal;
  private @Nullable Work current;
  private int attempt = 1;

  /** How often in a row the current record has waited for a service that is away. */
  private int waits;

  private long raisedAt;

  public Lane(
      RecordProcessor<?> processor,
      Executor handlers,
      ScheduledExecutorService timer,
      Signal signal) {
    this.processor = processor;
    this.handlers = handlers;
    this.timer = timer;
    this.signal = signal;
  }

  void add(Work work) {
    queue.add(work);
    if (busy.compareAndSet(false, true)) {
      submit();
    }
  }

  /** Whether nothing runs, is parked or is queued. Only {@link #add} can change that. */
  boolean isIdle() {
    return !busy.get() && queue.isEmpty();
  }

  /** Does one piece of work, then queues behind the other lanes. */
  @Override
  public void run() {
    if (current == null) {
      current = queue.poll();
    }
    if (current != null && !finish(current)) {
      return; // still busy: resuming the parked record submits the lane
    }
    current = null;
    attempt = 1;
    signal.raise();
    busy.set(false);
    // Work added between the poll above and this line found the lane busy and did not submit.
    if (!queue.isEmpty() && busy.compareAndSet(false, true)) {
      submit();
    }
  }

  /**
   * Queues the lane for a handler thread. The executor refuses once it is shut down, when the
   * worker has ended or is broken off: its records are not committed then, so the next owner of the
   * partition reads them again.
   */
  private void submit() {
    try {
      handlers.execute(this);
    } catch (RejectedExecutionException e) {
      queue.clear();
    }
  }

  private boolean finish(Work work) {
    try {
      return !work.polled.enter() || handle(work);
    } finally {
      work.polled.exit();
    }
  }

  /** Handles the work's records; false where the current one was parked. */
  private boolean handle(Work work) {
    long from = System.nanoTime();
    while (work.next < work.to && work.polled.begin(work.next)) {
      RecordResult handled = processor.process(work.polled, work.next, attempt);
      long now = System.nanoTime();
      if (handled != RecordResult.DUPLICATE) {
        processor.counters().handlerTimes.record(now - from);
      }
      from = now;
      if (handled == null || handled.awaited == null) {
        waits = 0;
        processor.failures().remembered().parked().postThere(work.polled.record(work.next));
      }
      if (handled == null || handled.isParked()) {
        park(work, handled);
        return false;
      }
      work.polled.finish(work.next++, handled);
      attempt = 1;
      maybeRaise(now);
    }
    return true;
  }

  /**
   * Parks the current record until its next attempt is due, or until an operator decides. From the
   * moment it is parked another thread may run this lane, so nothing of the lane is touched after
   * that.
   *
   * @param stopped the parked result; null where the retry policy allows another attempt
   */
  private void park(Work work, @Nullable RecordResult stopped) {
    ParkedRecords parkedRecords = processor.failures().remembered().parked();
    ConsumerRecord<byte[], byte[]> record = work.polled.record(work.next);
    RecordResult.Stopped why = stopped == null ? null : stopped.stopped;
    String awaited = stopped == null ? null : stopped.awaited;
    long delay = 0;
    if (awaited != null) {
      delay = Math.min(FIRST_WAIT.toNanos() << Math.min(waits++, 10), LAST_WAIT.toNanos());
      parkedRecords.postAway(record, awaited);
    } else if (why == null) {
      delay = processor.failures().retry().delay(attempt++).toNanos();
      processor.counters().retries.increment();
    } else {
      attempt = 1;
    }
    work.polled.finish(work.next, stopped == null || why == null ? RecordResult.PARKED : stopped);
    ParkedRecord parked = new ParkedRecord(record, work.polled, why, this::submit);
    parkedRecords.add(parked);
    if (why == null) {
      // After the add: a timer that fires before it would find nothing to resume.
      wakeUpAfter(delay, parked, parkedRecords);
    }
  }

  /**
   * Schedules the next attempt. The timer refuses once the pool is being closed; the record stays
   * parked then, since the retry policy does not allow an attempt at once.
   */
  private void wakeUpAfter(long delay, ParkedRecord parked, ParkedRecords parkedRecords) {
    try {
      parked.wakeUp(
          timer.schedule(() -> parkedRecords.resume(parked), delay, TimeUnit.NANOSECONDS));
    } catch (RejectedExecutionException e) {
      signal.raise();
    }
  }

  /**
   * Raises the signal so often that a slow handler's results are seen at once, and so seldom that
   * it costs nothing.
   */
  private void maybeRaise(long now) {
    if (now - raisedAt > RAISE_EVERY_NANOS) {
      raisedAt = now;
      signal.raise();
    }
  }
}
