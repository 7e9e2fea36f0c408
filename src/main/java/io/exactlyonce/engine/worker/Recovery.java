package io.exactlyonce.engine.worker;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.engine.failure.Phase;
import io.exactlyonce.engine.failure.Reaction;
import io.exactlyonce.engine.failure.TransactionFailure;
import io.exactlyonce.guard.Guard;
import io.exactlyonce.guard.GuardLostException;
import java.time.Duration;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.jspecify.annotations.Nullable;

/** A worker's recovery from a failed transaction: what is left to do, and when to try next. */
final class Recovery {
  private static final long FIRST_WAIT_NANOS = 50_000_000;
  private static final long MAX_WAIT_NANOS = 2_000_000_000;

  /**
   * A recovery that has ended.
   *
   * @param after the failure that it began with, in one line
   * @param begun when that was, in {@link System#nanoTime}'s time
   */
  record Ended(String after, int attempts, long begun) {}

  private @Nullable TransactionFailure raised;
  private @Nullable Reaction reaction;
  private String after = "";
  private int attempts;
  private long since;
  private long nextAt;
  private long wait;
  private int inRow;

  /**
   * Adopts the guard's generation of claims. To be called once the worker's producers are made
   * anew, or have nothing open.
   *
   * @throws TransactionFailure where no generation can be adopted now
   */
  static void adopt(Guard guard) {
    try {
      guard.adopt();
    } catch (GuardLostException e) {
      throw new TransactionFailure(Phase.INIT, Reaction.ABORT_AND_REWIND, e);
    } catch (RuntimeException e) {
      throw TransactionFailure.of(Phase.INIT, e);
    }
  }

  /** Notes a failure inside a poll; the first counts, since the others follow from it. */
  void raise(TransactionFailure failure) {
    if (raised == null) {
      raised = failure;
    }
  }

  boolean isRaised() {
    return raised != null;
  }

  /** Resets the wait: a commit succeeded, or the record at fault is known. */
  void postProgress() {
    inRow = 0;
  }

  /**
   * Polls. Rebalance callbacks run inside; a failure that they have raised is thrown after the
   * poll.
   *
   * @throws TransactionFailure that failure, or the poll's own
   */
  ConsumerRecords<byte[], byte[]> poll(Consumer<byte[], byte[]> consumer, Duration timeout) {
    ConsumerRecords<byte[], byte[]> polled;
    try {
      polled = consumer.poll(timeout);
    } catch (RuntimeException e) {
      throw TransactionFailure.of(Phase.POLL, e);
    }
    throwIfRaised();
    return polled;
  }

  private void throwIfRaised() {
    TransactionFailure failure = raised;
    raised = null;
    if (failure != null && !isUnderWay()) {
      throw failure;
    }
  }

  void begin(TransactionFailure failure) {
    long now = System.nanoTime();
    if (!isUnderWay()) {
      after = failure.reaction() + " after " + failure.getMessage();
      attempts = 1;
      since = now;
    }
    reaction = wayBack(failure);
    // The first attempt is made at once; without progress in between the wait goes on growing.
    nextAt = now + (inRow == 0 ? 0 : wait);
    wait = inRow == 0 ? FIRST_WAIT_NANOS : Math.min(wait * 2, MAX_WAIT_NANOS);
    inRow++;
  }

  private static Reaction wayBack(TransactionFailure failure) {
    return switch (failure.reaction()) {
      case ABORT_AND_REWIND, ABORT_AND_RESEND -> Reaction.ABORT_AND_REWIND;
      default -> Reaction.REBUILD_PRODUCERS;
    };
  }

  /** Waits before the next attempt; once one has asked for a rebuild nothing milder is tried. */
  void postpone(TransactionFailure failure, long now) {
    if (wayBack(failure) == Reaction.REBUILD_PRODUCERS) {
      reaction = Reaction.REBUILD_PRODUCERS;
    }
    attempts++;
    nextAt = now + wait;
    wait = Math.min(wait * 2, MAX_WAIT_NANOS);
  }

  boolean isUnderWay() {
    return reaction != null;
  }

  boolean isDue(long now) {
    return now - nextAt >= 0;
  }

  /** The reaction to make; only while recovery {@link #isUnderWay}. */
  Reaction reaction() {
    return requireNonNull(reaction);
  }

  Ended end() {
    reaction = null;
    return new Ended(after, attempts, since);
  }
}
