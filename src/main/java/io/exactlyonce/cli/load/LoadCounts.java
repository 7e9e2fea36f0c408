package io.exactlyonce.cli.load;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What a load has done so far.
 *
 * <p>The loading thread counts {@code rows} and {@code bad}; the producer's thread counts {@code
 * sent} and {@code duplicates}, each record once the broker has acknowledged it; the progress reads
 * them all.
 */
record LoadCounts(AtomicLong rows, AtomicLong bad, AtomicLong sent, AtomicLong duplicates) {

  LoadCounts() {
    this(new AtomicLong(), new AtomicLong(), new AtomicLong(), new AtomicLong());
  }

  /** Every record that the broker has acknowledged. */
  long acknowledged() {
    return sent.get() + duplicates.get();
  }
}
