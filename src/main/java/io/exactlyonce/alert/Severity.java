package io.exactlyonce.alert;

import java.util.Locale;

/** How soon an operator has to look. */
public enum Severity {
  /** Within the day. */
  WARNING,
  /** At once: nothing is processed, records are lost, or an operator has to act. */
  CRITICAL;

  /** The name in messages, metrics and Prometheus's rules. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
