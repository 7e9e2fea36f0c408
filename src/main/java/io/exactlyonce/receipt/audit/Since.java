package io.exactlyonce.receipt.audit;

import java.time.Duration;
import java.time.Instant;

/** From where on an audit judges. */
public sealed interface Since {
  /** The receipts of this time and later. */
  record At(Instant instant) implements Since {}

  /** All receipts that are there, but for the first so long. */
  record Oldest(Duration after) implements Since {}

  static Since oldest() {
    return new Oldest(Duration.ZERO);
  }
}
