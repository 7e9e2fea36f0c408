package io.exactlyonce.cli.load;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts of a load so far.
 *
 * <p>The loading thread counts {@code rows} and {@code bad}; the producer's thread counts {@code
 * sent} and {@code duplicates}, each record once the broker has acknowledged it; the thread of the
 * progress reads them.
 *
 * @param rows read, bad ones included
 * @param bad lines that cannot be sent
 * @param sent records acknowledged, without duplicates
 * @param duplicates second sendings acknowledged
 */
record LoadCounts(AtomicLong rows, AtomicLong bad, AtomicLong sent, AtomicLong duplicates) {

  LoadCounts() {
    this(new AtomicLong(), new AtomicLong(), new AtomicLong(), new AtomicLong());
  }

  /** All records that the broker has acknowledged. */
  long acknowledged() {
    return sent.get() + duplicates.get();
  }
}
