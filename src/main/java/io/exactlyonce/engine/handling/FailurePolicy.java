package io.exactlyonce.engine.handling;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.config.value.OnExhausted;
import io.exactlyonce.deadletter.DeadLetters;
import io.exactlyonce.engine.inflight.ParkedRecords;
import io.exactlyonce.engine.inflight.RecordResult;
import io.exactlyonce.engine.inflight.RememberedRecords;
import io.exactlyonce.engine.spi.Sizes;
import io.exactlyonce.engine.status.OperatorDecision;
import io.exactlyonce.engine.status.StoppedPartition;
import io.exactlyonce.engine.topic.TopicLimits;
import io.exactlyonce.guard.RetryOrigin;
import io.exactlyonce.receipt.Receipt;
import java.time.Clock;
import java.util.List;
import java.util.Random;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Decides what becomes of a record that cannot be processed: another attempt, a retry topic, the
 * dead letters, a stop, or nothing. One per pipeline; several handler threads call it at once.
 *
 * @param mostBytes largest record that can be sent; one that would be larger in a retry topic
 *     becomes a dead letter
 */
public record FailurePolicy(
    RetryPolicy retry,
    DeadLetters deadLetters,
    RetryTopics delays,
    RememberedRecords remembered,
    int mostBytes,
    FailureLog log,
    Clock clock) {

  /** The policy that a pipeline is configured with. */
  public static FailurePolicy of(
      PipelineConfig config, String handler, TopicLimits limits, int mostBytes, Clock clock) {
    return new FailurePolicy(
        new RetryPolicy(config.retry(), new Random()),
        new DeadLetters(config.deadLetters(), config.group(), handler, mostBytes, clock),
        new RetryTopics(config.retry().topics(), clock),
        new RememberedRecords(limits),
        mostBytes,
        new FailureLog(config.name(), clock),
        clock);
  }

  /**
   * The record's result where it is known before the handler is called: its output was refused, or
   * an operator has decided. Null otherwise.
   */
  @Nullable RecordResult foreseen(FailedRecord subject) {
    String sentence = remembered.refused().reason(subject.record());
    if (sentence != null) {
      return dead(subject, sentence, null, 1);
    }
    ParkedRecords.Decided decided = remembered.parked().decided(subject.record());
    if (decided == null) {
      return null;
    }
    StoppedPartition stop = decided.stopped().stop();
    OperatorDecision decision = decided.decision();
    Receipt.Decision by =
        new Receipt.Decision(
            stop.position(), decision.verb().text(), decision.why(), decision.who());
    if (decision.verb() == OperatorDecision.Verb.SKIP) {
      return RecordResult.PASSED.decided(by);
    }
    String reason = stop.reason() + "; an operator sent it here: " + decision.why();
    return letter(subject, reason, decided.stopped().cause(), stop.attempts()).decided(by);
  }

  /**
   * The result of a record whose handler threw.
   *
   * @param attempt number of the call since the record was read, from 1
   * @return null where the record is to be handled again after {@link RetryPolicy#delay}
   */
  @Nullable RecordResult thrown(FailedRecord subject, Throwable thrown, int attempt) {
    if (!retry.isWorthIt(thrown)) {
      String reason =
          DeadLetters.HANDLER_THREW + " an exception that is not retried (retry.on, retry.never)";
      log.note(FailureLog.Kind.DEAD_LETTER, subject.position(), reason, thrown);
      return letter(subject, reason, thrown, subject.earlierAttempts() + attempt);
    }
    if (!retry.isExhausted(attempt)) {
      log.note(FailureLog.Kind.RETRY, subject.position(), DeadLetters.HANDLER_THREW, thrown);
      return null;
    }
    ProducerRecord<byte[], byte[]> waiting = delays.next(subject, attempt);
    if (waiting != null && Sizes.sent(waiting) <= mostBytes) {
      log.note(FailureLog.Kind.RETRY, subject.position(), DeadLetters.HANDLER_THREW, thrown);
      return new RecordResult(
          RecordResult.Kind.DELAYED,
          List.of(waiting),
          subject.partition(),
          subject.record().offset());
    }
    int attempts = subject.earlierAttempts() + attempt;
    String reason = DeadLetters.HANDLER_THREW + " at each of " + attempts + " attempts";
    OnExhausted choice = waiting == null ? retry.onExhausted() : OnExhausted.DEAD_LETTER;
    log.note(kind(choice), subject.position(), reason, thrown);
    return switch (choice) {
      case DEAD_LETTER -> letter(subject, reason, thrown, attempts);
      case SKIP -> RecordResult.PASSED;
      case STOP ->
          RecordResult.stopped(
              new RecordResult.Stopped(
                  new StoppedPartition(
                      subject.position(), reason + ": " + place(thrown), attempts, clock.instant()),
                  thrown));
    };
  }

  private static FailureLog.Kind kind(OnExhausted choice) {
    return switch (choice) {
      case DEAD_LETTER -> FailureLog.Kind.DEAD_LETTER;
      case SKIP -> FailureLog.Kind.SKIP;
      case STOP -> FailureLog.Kind.STOP;
    };
  }

  /**
   * Class and line of an exception, for the status. The message is left out, since it may hold the
   * record's values and everybody may read the status.
   */
  private static String place(Throwable thrown) {
    StackTraceElement[] stack = thrown.getStackTrace();
    return thrown.getClass().getName() + (stack.length == 0 ? "" : " at " + stack[0]);
  }

  /**
   * Makes a dead letter of the record, and logs it.
   *
   * @param calls of the handler since the record was read
   */
  RecordResult dead(FailedRecord subject, String reason, @Nullable Throwable cause, int calls) {
    // The class alone: a decoder's message may quote the value.
    String why = cause == null ? reason : reason + ": " + cause.getClass().getName();
    log.note(FailureLog.Kind.DEAD_LETTER, subject.position(), why, null);
    return letter(subject, reason, cause, subject.earlierAttempts() + calls);
  }

  private RecordResult letter(
      FailedRecord subject, String reason, @Nullable Throwable cause, int attempts) {
    RetryOrigin origin = subject.origin();
    DeadLetters.Place place =
        origin == null
            ? null
            : new DeadLetters.Place(origin.topic(), origin.partition(), origin.offset());
    return new RecordResult(
        RecordResult.Kind.DEAD_LETTER,
        List.of(
            deadLetters.letter(
                subject.record(),
                new DeadLetters.Why(
                    subject.eventId(),
                    reason,
                    cause,
                    attempts,
                    place,
                    origin == null ? subject.topicId() : origin.topicId()),
                remembered.refused().letterBytes())),
        subject.partition(),
        subject.record().offset());
  }
}
