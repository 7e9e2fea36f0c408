package io.exactlyonce.engine.intake;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Why claims fail, for the status; the log hears of it once, and once more when it is over. */
final class GuardTrouble {
  private static final Logger LOG = LoggerFactory.getLogger(GuardTrouble.class);

  private String text = "";

  void set(Throwable failure, String consequence) {
    String why = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    if (text.isEmpty()) {
      LOG.warn("claims fail, {}: {}", consequence, why);
    }
    text = why + "; " + consequence;
  }

  void clear() {
    if (!text.isEmpty()) {
      LOG.info("claims succeed again");
      text = "";
    }
  }

  /** Empty while claims succeed. */
  String text() {
    return text;
  }
}
