package io.exactlyonce.engine.transaction;

import io.exactlyonce.config.PipelineConfig.Commits;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/**
 * Decides when the open transaction is handed over. Times are {@link System#nanoTime}'s.
 *
 * <p>Each transaction costs a marker in every partition that it touched, hence the floor.
 */
public final class CommitPolicy {
  private final Commits bounds;
  private final TransactionSize size;
  private final IntSupplier receiptBytes;
  private final long interval;
  private final long floor;
  private long openedAt;
  private long handedOverAt;

  CommitPolicy(Commits bounds, long now) {
    this(bounds, new TransactionSize(bounds), () -> Integer.MAX_VALUE, now);
  }

  /**
   * @param receiptBytes size of a receipt, in bytes, at which its transaction is full
   */
  public CommitPolicy(Commits bounds, TransactionSize size, IntSupplier receiptBytes, long now) {
    this.size = size;
    this.receiptBytes = receiptBytes;
    this.bounds = bounds;
    this.interval = bounds.interval().toNanos();
    this.floor = bounds.floor().toNanos();
    this.openedAt = now;
    this.handedOverAt = now - interval;
  }

  void postOpen(long now) {
    openedAt = now;
  }

  void postHandOver(PendingTransaction pending, long now) {
    handedOverAt = now;
    size.postHandOver(pending.records(), now);
  }

  /** Notes that all outputs of the transaction that was handed over are acknowledged. */
  void postWritten(long now) {
    size.postWritten(now);
  }

  void postCommitted(long now) {
    size.postCommitted(now);
  }

  /** Whether the transaction has reached a bound: nothing more is sent until it was handed over. */
  boolean isFull(PendingTransaction pending) {
    return pending.records() >= size.most()
        || pending.bytes() >= bounds.bytes()
        || pending.receiptBytes() >= receiptBytes.getAsInt();
  }

  /**
   * Whether the transaction is to be handed over.
   *
   * @param moreComing whether so many records could still join that waiting for them is worth it;
   *     called only past the floor
   */
  boolean isDue(PendingTransaction pending, BooleanSupplier moreComing, long now) {
    return isFull(pending)
        || now - openedAt >= interval
        || (now - handedOverAt >= floor && !moreComing.getAsBoolean());
  }

  /**
   * Whether the transaction was open for three quarters of its time-out, as the one before it has
   * not ended. At the time-out the broker would abort it and fence its producer.
   */
  boolean isOverdue(long now) {
    return now - openedAt >= bounds.transactionTimeout().toNanos() / 4 * 3;
  }

  /** Whether the interval has passed, after which control records alone are worth a transaction. */
  boolean isDueForMarkers(long now) {
    return now - handedOverAt >= interval;
  }
}
