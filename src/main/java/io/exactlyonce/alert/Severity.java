package io.exactlyonce.alert;

import java.util.Locale;

/** How soon somebody has to look. */
public enum Severity {
  /** In the day. */
  WARNING,
  /** Now: nothing is processed, records are lost, or somebody has to act. */
  CRITICAL;

  /** As it is written in messages, metrics and Prometheus' rules. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
