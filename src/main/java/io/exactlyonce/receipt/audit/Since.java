package io.exactlyonce.receipt.audit;

import java.time.Duration;
import java.time.Instant;

/** Which receipts an audit judges, by their times. */
public sealed interface Since {
  /** Receipts of this time and later. */
  record At(Instant instant) implements Since {}

  /** All receipts that are left, except those within this duration after the oldest. */
  record Oldest(Duration after) implements Since {}

  static Since oldest() {
    return new Oldest(Duration.ZERO);
  }
}
