package io.exactlyonce.engine.worker;

import io.exactlyonce.engine.inflight.Tracks;
import io.exactlyonce.engine.intake.Intake;
import io.exactlyonce.engine.intake.RateLimit;
import io.exactlyonce.engine.transaction.Transactions;
import java.time.Duration;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;

/** Decides when a worker polls, and how long a poll waits. The worker's thread alone calls it. */
final class Polling {
  private static final Duration IDLE = Duration.ofMillis(100);
  private static final Duration HELD = Duration.ofMillis(10);
  private static final Duration OPEN = Duration.ofMillis(1);

  private final Consumer<byte[], byte[]> consumer;
  private final Recovery recovery;
  private final Tracks tracks;
  private final Intake intake;
  private final Transactions transactions;
  private final RateLimit rate;
  private final PollPacing pacing = new PollPacing(System.nanoTime());

  Polling(
      Consumer<byte[], byte[]> consumer,
      Recovery recovery,
      Tracks tracks,
      Intake intake,
      Transactions transactions,
      RateLimit rate) {
    this.consumer = consumer;
    this.recovery = recovery;
    this.tracks = tracks;
    this.intake = intake;
    this.transactions = transactions;
    this.rate = rate;
  }

  /**
   * Polls, if a poll is due.
   *
   * @throws io.exactlyonce.engine.failure.TransactionFailure as {@link Recovery#poll} does
   */
  ConsumerRecords<byte[], byte[]> maybePoll() {
    if (!pacing.isDue(intake.isAhead(), System.nanoTime())) {
      return ConsumerRecords.empty();
    }
    ConsumerRecords<byte[], byte[]> polled = recovery.poll(consumer, patience());
    pacing.postPoll(polled.count(), System.nanoTime());
    return polled;
  }

  /**
   * How long the poll waits. Not at all where handlers or claims are expected: then the signal is
   * waited for. Otherwise it waits, since a fetch is read only inside a poll, and a long one comes
   * in many pieces; what a timer or an operator brings back needs a look now and then.
   */
  private Duration patience() {
    if (isExpecting()) {
      return Duration.ZERO;
    }
    if (transactions.isOpen() || transactions.isCommitting()) {
      return OPEN;
    }
    return tracks.hasUnsent() ? HELD : rate.cut(IDLE, System.nanoTime());
  }

  private boolean isExpecting() {
    return tracks.hasMoving() || intake.isWaitingForClaims();
  }

  /** Whether the signal is to be waited for: the poll did not wait, or was not made. */
  boolean isSignalAwaited() {
    return isExpecting() || pacing.isGap(System.nanoTime());
  }
}
