package io.exactlyonce.engine.handling;

import io.exactlyonce.engine.status.LogFields;
import io.exactlyonce.engine.status.OperatorDecision;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs what becomes of failed records: the first of a kind and reason at once, further ones
 * together, as a count, once a period. A storm of failures makes a line every ten seconds and not
 * one for each record.
 *
 * <p>Handler threads call {@link #note}; the pipeline's supervisor calls {@link #flush}, so that
 * the last failures are logged too. The message of a handler's exception is part of the line,
 * shortened and without line breaks; a decoder's is not, since it may quote the value.
 */
public final class FailureLog {
  /** The fate of a failed record. */
  enum Kind {
    /** The handler is called again, or the record goes to a retry topic. */
    RETRY("is tried again"),
    /** It goes to the dead letters. */
    DEAD_LETTER("is a dead letter"),
    /** The record is given up, by {@code on-exhausted: skip}. */
    SKIP("is skipped"),
    /** Its partition is stopped until an operator decides. */
    STOP(
        "has stopped its partition until an operator decides: retry, skip or dead-letter, by POST"
            + " /pipelines/");

    private final String text;

    Kind(String text) {
      this.text = text;
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(FailureLog.class);
  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final int MAX_MESSAGE = 300;

  /**
   * Reasons that are counted apart; further ones are counted together, since each record may have a
   * reason of its own.
   */
  private static final int MAX_REASONS = 100;

  private record Key(Kind kind, String reason) {}

  /** Failures since the last line of their key; guarded by itself. */
  private static final class Unsaid {
    long count;
    String position = "";
    String detail = "";
    long nextMillis;
  }

  private final String pipeline;
  private final Clock clock;
  private final Map<Key, Unsaid> unsaid = new ConcurrentHashMap<>();

  public FailureLog(String pipeline, Clock clock) {
    this.pipeline = pipeline;
    this.clock = clock;
  }

  /** Logs an operator's decision about the record at which a partition is stopped. */
  public void decided(String position, OperatorDecision decision) {
    LOG.atWarn()
        .addKeyValue(LogFields.POSITION, position)
        .log(
            "{}: {}: {} decided {}{}",
            pipeline,
            position,
            decision.who().isEmpty() ? "an operator" : decision.who(),
            decision.verb().text(),
            decision.why().isEmpty() ? "" : ", because: " + decision.why());
  }

  /**
   * Notes a failed record; logs it at once unless the last line of its kind and reason is recent.
   *
   * @param reason the same for all that fail alike; it names no position and holds no value
   * @param thrown what the handler threw; null where it did not, or where its text may hold a value
   */
  void note(Kind kind, String position, String reason, @Nullable Throwable thrown) {
    String why = thrown == null ? reason : reason + ": " + thrown.getClass().getName();
    Key key = new Key(kind, unsaid.size() < MAX_REASONS ? why : "for one of many reasons");
    Unsaid entry = unsaid.computeIfAbsent(key, k -> new Unsaid());
    synchronized (entry) {
      if (entry.count++ == 0) {
        entry.position = position;
        entry.detail = line(why) + message(thrown);
      }
      maybeSay(key, entry, clock.millis());
    }
  }

  /** Logs the noted failures whose period is over. */
  public void flush() {
    long now = clock.millis();
    unsaid.forEach(
        (key, entry) -> {
          synchronized (entry) {
            maybeSay(key, entry, now);
          }
        });
  }

  private void maybeSay(Key key, Unsaid entry, long now) {
    if (entry.count == 0 || now < entry.nextMillis) {
      return;
    }
    entry.nextMillis = now + PERIOD.toMillis();
    LOG.atWarn()
        .addKeyValue(LogFields.POSITION, entry.position)
        .log(
            "{}: {} {}{}; {}",
            pipeline,
            entry.count == 1
                ? entry.position
                : entry.count + " records, the first of them " + entry.position + ", of each:",
            key.kind.text,
            key.kind == Kind.STOP ? pipeline + "/stops/" + entry.position + "/..." : "",
            entry.detail);
    entry.count = 0;
  }

  private static String message(@Nullable Throwable thrown) {
    if (thrown == null) {
      return "";
    }
    String message;
    try {
      message = thrown.getMessage();
    } catch (Throwable e) { // getMessage() of a user's class may itself throw
      return "";
    }
    if (message == null || message.isEmpty()) {
      return "";
    }
    return ": " + line(message);
  }

  private static String line(String text) {
    String line = text.replaceAll("\\p{Cntrl}+", " ");
    return line.length() > MAX_MESSAGE ? line.substring(0, MAX_MESSAGE) + "..." : line;
  }
}
