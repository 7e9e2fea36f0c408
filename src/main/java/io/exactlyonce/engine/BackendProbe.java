package io.exactlyonce.engine;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks one backend again and again whether it answers, so that a pipeline without records to read
 * finds out too. It never waits: one question is under way at a time, and the age of the last
 * answer tells. One thread alone calls {@link #look}; answers may come on any.
 */
final class BackendProbe {
  private static final Logger LOG = LoggerFactory.getLogger(BackendProbe.class);
  private static final Duration BETWEEN = Duration.ofMillis(500);

  /** More than a broker's pause of a second or two, less than a probe of readiness repeats in. */
  static final Duration PATIENCE = Duration.ofSeconds(3);

  private final String pipeline;
  private final String backend;
  private final Supplier<CompletionStage<?>> question;
  private final Clock clock;
  private final Duration patience;
  private volatile boolean isAsking;
  private volatile long answeredAt;
  private volatile Instant answered;
  private long askAt;
  private boolean isSilent;

  /**
   * @param backend its kind and address, without a password
   * @param question must not block; fails where there is no answer
   * @param patience after so long without an answer it is silent
   */
  BackendProbe(
      String pipeline,
      String backend,
      Supplier<CompletionStage<?>> question,
      Clock clock,
      Duration patience) {
    this.pipeline = pipeline;
    this.backend = backend;
    this.question = question;
    this.clock = clock;
    this.patience = patience;
    this.askAt = System.nanoTime();
    this.answeredAt = askAt;
    this.answered = clock.instant();
  }

  /** That the backend is silent, since when; empty while it answers. Logs each change once. */
  String look(long now) {
    if (!isAsking && now - askAt >= 0) {
      askAt = now + BETWEEN.toNanos();
      ask();
    }
    boolean wasSilent = isSilent;
    isSilent = now - answeredAt > patience.toNanos();
    String text =
        isSilent
            ? backend + " has not answered since " + answered.truncatedTo(ChronoUnit.SECONDS)
            : "";
    if (isSilent && !wasSilent) {
      LOG.warn("{}: {}; the pipeline goes on by itself when it does", pipeline, text);
    } else if (wasSilent && !isSilent) {
      LOG.info("{}: {} answers again", pipeline, backend);
    }
    return text;
  }

  boolean isSilent() {
    return isSilent;
  }

  private void ask() {
    isAsking = true;
    CompletionStage<?> answering;
    try {
      answering = question.get();
    } catch (RuntimeException e) { // a client that is being closed refuses: that is no answer
      answering = CompletableFuture.failedFuture(e);
    }
    answering.whenComplete(
        (answer, failure) -> {
          if (failure == null) {
            postAnswer();
          }
          isAsking = false;
        });
  }

  /** Another question was answered by the same backend. */
  void postAnswer() {
    answered = clock.instant();
    answeredAt = System.nanoTime();
  }
}
