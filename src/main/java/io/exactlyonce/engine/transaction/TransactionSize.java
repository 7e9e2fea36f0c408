package io.exactlyonce.engine.transaction;

import io.exactlyonce.config.PipelineConfig.Commits;

/**
 * Bound on the records of the next transaction. It steers the time from a transaction's hand-over
 * to the acknowledgement of its last output: the part that grows with the size, and during which
 * the next transaction may not send. The bound is {@code commit-records} until the broker is too
 * slow for that. Small transactions never change it: at low load nothing is decided here.
 *
 * <p>Why it settles. Let f be that time for n records, a straight line in n, but less than that by
 * up to e, since outputs are on their way while the transaction before commits, which takes e. The
 * goal T is {@code commit-target}, or 2 e if that is more: where a commit is dear by itself, small
 * transactions would cost throughput and save little time. Above T the bound becomes n T/f, so the
 * next f is at least T - e, which is T/2 or more. Below T/2 it grows by a quarter, so the next f is
 * at most 1.25 f + 0.25 e, which is below 3/4 T. In between nothing changes. So neither step can
 * jump over the band from T/2 to T, and from either side the bound comes into it and stays. One
 * stall of the broker at most halves the bound, which then grows again.
 *
 * <p>The worker's thread alone calls it, but for {@link #most}. Times are of {@link
 * System#nanoTime}'s kind.
 */
public final class TransactionSize {
  /** Lowest bound: fewer records take no less time, and their time says nothing about size. */
  static final int LEAST = 1000;

  private static final double GROWTH = 1.25;
  private static final double MAX_CUT = 0.5;

  private final int least;
  private final int greatest;
  private final long target;
  private volatile int most;
  private int records;
  private long handedOverAt;
  private long writtenAt;
  private boolean written;

  public TransactionSize(Commits bounds) {
    this.greatest = bounds.records();
    this.least = Math.min(LEAST, greatest);
    this.target = bounds.target().toNanos();
    this.most = greatest;
  }

  /** From any thread. */
  public int most() {
    return most;
  }

  void postHandOver(int size, long now) {
    records = size;
    handedOverAt = now;
    written = false;
  }

  /** Notes that all outputs are acknowledged; only the first call for a transaction counts. */
  void postWritten(long now) {
    if (!written) {
      written = true;
      writtenAt = now;
    }
  }

  /** Adapts the bound to a committed transaction; the times of failed ones say nothing. */
  void postCommitted(long now) {
    postWritten(now);
    long writing = writtenAt - handedOverAt;
    long goal = Math.max(target, 2 * (now - writtenAt));
    if (writing > goal && records > least) {
      double part = Math.max(MAX_CUT, (double) goal / writing);
      most = Math.max(least, Math.min(most, (int) (records * part)));
    } else if (writing < goal / 2 && records >= most) {
      most = (int) Math.min(greatest, Math.ceil(most * GROWTH));
    }
  }
}
