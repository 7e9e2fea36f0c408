package io.exactlyonce.engine.transaction;

import io.exactlyonce.config.PipelineConfig.Commits;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/**
 * When the open transaction is handed over. All times are of {@link System#nanoTime}'s kind.
 *
 * <p>Each transaction costs a marker in every partition it touched, hence the floor.
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
   * @param receiptBytes what a receipt may take
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

  /** The outputs of what was handed over are all acknowledged. */
  void postWritten(long now) {
    size.postWritten(now);
  }

  void postCommitted(long now) {
    size.postCommitted(now);
  }

  /** At the bound nothing more is sent until the transaction was handed over. */
  boolean isFull(PendingTransaction pending) {
    return pending.records() >= size.most()
        || pending.bytes() >= bounds.bytes()
        || pending.receiptBytes() >= receiptBytes.getAsInt();
  }

  /**
   * @param moreComing whether so many records could still join that it is worth waiting for them;
   *     asked for only past the floor
   */
  boolean isDue(PendingTransaction pending, BooleanSupplier moreComing, long now) {
    return isFull(pending)
        || now - openedAt >= interval
        || (now - handedOverAt >= floor && !moreComing.getAsBoolean());
  }

  /**
   * Whether it is open for so long that the broker will abort it soon, which would fence its
   * producer too: the transaction before it did not come to an end meanwhile.
   */
  boolean isOverdue(long now) {
    return now - openedAt >= bounds.transactionTimeout().toNanos() / 4 * 3;
  }

  /** Markers alone are worth a transaction only so often. */
  boolean isDueForMarkers(long now) {
    return now - handedOverAt >= interval;
  }
}
