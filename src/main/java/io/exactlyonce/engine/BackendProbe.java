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
 * Repeats a request to one backend and reports when no answers come, so that an outage shows even
 * while there are no records to read. Nothing blocks: at most one request is under way, and the age
 * of the last answer decides. One thread alone calls {@link #look}; answers may come on any thread.
 */
final class BackendProbe {
  private static final Logger LOG = LoggerFactory.getLogger(BackendProbe.class);
  private static final Duration BETWEEN = Duration.ofMillis(500);

  /**
   * How long a backend may leave requests unanswered: longer than a broker's pause of a second or
   * two, shorter than the usual period of a readiness probe.
   */
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
   * @param backend kind and address of the backend, without a password
   * @param question sends a request without blocking; its stage fails where no answer comes
   * @param patience time without an answer after which the backend counts as silent
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

  /**
   * Sends a request where one is due, and logs each change between answering and silent.
   *
   * @param now {@link System#nanoTime}
   * @return the backend and since when it has not answered, in one line; empty while it answers
   */
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
    } catch (RuntimeException e) { // thrown by a client that is being closed: no answer
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

  /** Notes that the backend has answered, to this probe or to another request. From any thread. */
  void postAnswer() {
    answered = clock.instant();
    answeredAt = System.nanoTime();
  }
}
