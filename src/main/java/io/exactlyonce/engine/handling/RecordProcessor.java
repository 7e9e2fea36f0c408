package io.exactlyonce.engine.handling;

import io.exactlyonce.engine.inflight.PolledRecords;
import io.exactlyonce.engine.inflight.RecordResult;
import io.exactlyonce.engine.spi.Backend;
import io.exactlyonce.engine.status.PipelineCounters;
import io.exactlyonce.eventid.EventIds;
import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Processes one record: decodes it, calls the handler and encodes the outputs. Any failure of the
 * record ends in a dead letter; only the handler's own exceptions are worth another attempt.
 *
 * <p>An Error is treated like an exception. A record that overflows the stack or asks for an array
 * beyond all bounds would do so again at each start of the worker, and its partition would never
 * get past it; a JVM that is to end when memory runs out ends by itself (ExitOnOutOfMemoryError).
 * No producer and no consumer is called in here, so nothing that is caught is a fence. What a
 * handler returns or throws when a stop interrupts it is not sent ({@code Transactions}).
 *
 * @param batching null where the handler takes single events
 */
public record RecordProcessor<I>(
    Handler<I> handler,
    @Nullable Batching<I> batching,
    EventReader<I> events,
    OutputRecords outputs,
    FailurePolicy failures,
    PipelineCounters counters,
    TracedHandling traced) {

  /**
   * @param attempt number of the call since the record was read, from 1
   * @return null where the record is to be handled again after {@link RetryPolicy#delay}; parked
   *     where an operator has to decide, or a service that a codec needs is away
   */
  @Nullable RecordResult process(PolledRecords polled, int index, int attempt) {
    return polled.spans.isOn()
        ? traced.handle(polled, index, () -> processed(polled, index, attempt))
        : processed(polled, index, attempt);
  }

  private @Nullable RecordResult processed(PolledRecords polled, int index, int attempt) {
    try {
      return judge(polled, index, attempt);
    } catch (Throwable e) {
      // A header without a name, or a bug. Without a result the lane would block for ever.
      return unforeseen(polled, index, e, attempt);
    }
  }

  /** A dead letter; null, which means another attempt, where memory does not suffice for it. */
  private @Nullable RecordResult unforeseen(
      PolledRecords polled, int index, Throwable thrown, int attempt) {
    try {
      return dead(polled, index, "the record could not be processed", thrown, attempt);
    } catch (Throwable e) { // the record stays, and is tried again
      return null;
    }
  }

  private @Nullable RecordResult judge(PolledRecords polled, int index, int attempt) {
    PolledRecords.Verdict verdict = polled.verdicts[index];
    if (verdict != PolledRecords.Verdict.DUPLICATE && events.skips(polled.record(index))) {
      return RecordResult.SKIPPED;
    }
    return switch (verdict) {
      case DUPLICATE -> RecordResult.DUPLICATE;
      case NO_EVENT_ID -> dead(polled, index, "the record has no event id", null, 0);
      case BAD_EVENT_ID ->
          dead(polled, index, EventIds.whyUnusable(polled.eventIds[index]), null, 0);
      case ADMITTED -> maybeHandle(polled, index, attempt);
    };
  }

  /** Handles an admitted record; it waits while a service that a codec needs is away. */
  private @Nullable RecordResult maybeHandle(PolledRecords polled, int index, int attempt) {
    try {
      return handle(polled, index, attempt);
    } catch (Backend.UnreachableException e) { // a codec's: what the handler throws is its failure
      return RecordResult.waiting(String.valueOf(e.getMessage()));
    }
  }

  private @Nullable RecordResult handle(PolledRecords polled, int index, int attempt) {
    ConsumerRecord<byte[], byte[]> record = polled.record(index);
    if (failures.remembered().isAnyForeseen()) {
      RecordResult foreseen = failures.foreseen(FailedRecord.of(polled, index));
      if (foreseen != null) {
        return foreseen;
      }
    }
    if (record.value() == null) {
      return dead(polled, index, "the record has no value", null, 0);
    }
    // A further attempt is made for the record alone.
    Batching.Prepared<I> batch =
        batching != null && attempt == 1 && polled.isBatched()
            ? batching.prepared(polled, index, i -> batched(polled, i))
            : null;
    Event<I> event = batch == null ? null : batch.event(index);
    // A record that could not be decoded when its batch was prepared is handled by itself.
    Handler<I> prepared = batch == null || event == null ? null : batch.handler();
    if (event == null) {
      try {
        event = events.read(polled, index);
      } catch (RecordFault e) {
        return dead(polled, index, e, 0);
      }
    }
    Outcome outcome;
    try {
      outcome = (prepared == null ? handler : prepared).handle(event);
    } catch (Throwable e) { // the handler's failure, an Error too: tried again as retry.on says
      counters.handlerFailures.increment();
      polled.spans.get(index).threw(e, attempt);
      return failures.thrown(FailedRecord.of(polled, index), e, attempt);
    } finally {
      // An interrupt flag that the handler left set would end the first wait of its serializer, or
      // of the next record's handler. TimedHandler has cleared its own by now.
      Thread.interrupted();
    }
    return conclude(polled, index, event.id(), outcome, attempt);
  }

  private RecordResult conclude(
      PolledRecords polled, int index, String id, Outcome outcome, int attempt) {
    if (outcome instanceof Outcome.Emit emit) {
      try {
        return outputs.make(polled, index, id, emit.outputs());
      } catch (RecordFault e) {
        return dead(polled, index, e, attempt);
      }
    }
    if (outcome instanceof Outcome.DeadLetter letter) {
      return dead(polled, index, letter.reason(), null, attempt);
    }
    return outcome instanceof Outcome.Skip
        ? RecordResult.SKIPPED
        : dead(polled, index, "the handler returned null", null, attempt);
  }

  private RecordResult dead(PolledRecords polled, int index, RecordFault why, int attempts) {
    return dead(polled, index, String.valueOf(why.getMessage()), why.getCause(), attempts);
  }

  private RecordResult dead(
      PolledRecords polled, int index, String reason, @Nullable Throwable cause, int attempts) {
    polled.spans.get(index).refused(reason);
    return failures.dead(FailedRecord.of(polled, index), reason, cause, attempts);
  }

  /**
   * The event of a record in a batch; null where it is not to be handled or cannot be decoded,
   * which is dealt with in its turn.
   */
  private @Nullable Event<I> batched(PolledRecords polled, int index) {
    ConsumerRecord<byte[], byte[]> record = polled.unsent(index);
    if (polled.verdicts[index] != PolledRecords.Verdict.ADMITTED
        || record == null
        || record.value() == null) {
      return null;
    }
    try {
      return events.read(polled, index);
    } catch (RecordFault e) {
      return null;
    }
  }
}
