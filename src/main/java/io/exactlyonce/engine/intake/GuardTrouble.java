package io.exactlyonce.engine.intake;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Why claims fail, for the status; the log gets the beginning and the end of a failure.
 *
 * <p>A store that is about as slow as {@code guard.timeout} fails and succeeds in turn, several
 * times a second. So a further failure within {@code PERIOD} of the last line is only counted, and
 * the next line tells the count. A failure that lasts {@code LASTING} is logged in any case: an
 * outage shows though short failures came just before it.
 */
final class GuardTrouble {
  private static final Logger LOG = LoggerFactory.getLogger(GuardTrouble.class);
  private static final Duration PERIOD = Duration.ofMinutes(5);

  /** Duration from which a failure is logged in any case. */
  private static final Duration LASTING = Duration.ofSeconds(15);

  private final LongSupplier nanoTime;
  private String text = "";
  private long failingSince;

  /** Whether the current failure is logged. */
  private boolean isSaid;

  /** Failures that are not logged yet. */
  private int unsaid;

  private boolean wasSaid;
  private long saidAt;

  GuardTrouble(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  void set(Throwable failure, String consequence) {
    long now = nanoTime.getAsLong();
    String why = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    if (text.isEmpty()) {
      failingSince = now;
      isSaid = false;
      unsaid++;
    }
    text = why + "; " + consequence;
    if (!isSaid && (isPeriodOver(now) || now - failingSince >= LASTING.toNanos())) {
      LOG.warn("claims fail, {}: {}{}", consequence, why, others(", and", unsaid - 1, now));
      isSaid = true;
      postLine(now);
    }
  }

  void clear() {
    if (!text.isEmpty()) {
      if (isSaid) {
        LOG.info("claims succeed again");
      }
      text = "";
    }
  }

  /** Logs the counted failures once the period is over and claims succeed. */
  void flush() {
    if (unsaid == 0 || !text.isEmpty()) {
      return;
    }
    long now = nanoTime.getAsLong();
    if (isPeriodOver(now)) {
      LOG.warn(
          "claims succeed now{}; guard.timeout may be too short", others("; they", unsaid, now));
      postLine(now);
    }
  }

  private boolean isPeriodOver(long now) {
    return !wasSaid || now - saidAt >= PERIOD.toNanos();
  }

  private void postLine(long now) {
    unsaid = 0;
    wasSaid = true;
    saidAt = now;
  }

  private String others(String lead, int count, long now) {
    return count == 0
        ? ""
        : lead
            + " failed "
            + count
            + " more times, for a short while each, in the last "
            + Duration.ofNanos(now - saidAt).toSeconds()
            + " s";
  }

  /** Why claims fail; empty while they succeed. */
  String text() {
    return text;
  }
}
