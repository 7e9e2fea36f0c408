package io.exactlyonce.engine.handling;

import io.exactlyonce.engine.inflight.PolledRecords;
import io.exactlyonce.engine.spi.Backend;
import io.exactlyonce.engine.status.PipelineCounters;
import io.exactlyonce.handler.BatchHandler;
import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Calls a batch handler for stretches of polled records. The records {@code k * most} to {@code (k
 * + 1) * most} of a partition's poll are one batch. {@link Lanes} never gives records of one batch
 * to two threads, so a prepared batch is written and read by one lane, whose executor publishes it
 * from one run to the next.
 *
 * @param most records per batch
 * @param limits applies the time limit of handlers to a handler
 */
public record Batching<I>(
    BatchHandler<I> handler,
    int most,
    UnaryOperator<Handler<I>> limits,
    PipelineCounters counters) {

  /**
   * A prepared batch.
   *
   * @param handler returned by the user's {@code prepare}; null where each record is handled by
   *     itself
   * @param first index in the poll of the first event
   * @param events by index from {@code first}; null where a record is not in the batch
   */
  record Prepared<I>(@Nullable Handler<I> handler, int first, List<@Nullable Event<I>> events) {

    @Nullable Event<I> event(int index) {
      int at = index - first;
      return at >= 0 && at < events.size() ? events.get(at) : null;
    }
  }

  /** The batching of a batch handler; null for a handler of single events. */
  public static <I> @Nullable Batching<I> of(
      Handler<I> handler, UnaryOperator<Handler<I>> limits, PipelineCounters counters) {
    return handler instanceof BatchHandler<I> batch
        ? new Batching<>(batch, size(handler), limits, counters)
        : null;
  }

  /** How many records in a row belong to one thread; 1 for handlers of single events. */
  public static int size(Handler<?> handler) {
    return handler instanceof BatchHandler<?> batch ? Math.max(1, batch.mostEvents()) : 1;
  }

  /**
   * The batch that holds the record. The first call for one of its records prepares it.
   *
   * @param events makes the event of a record; null where the record is not to be handled
   * @throws Backend.UnreachableException where a service that decodes this very record is away
   */
  @SuppressWarnings("unchecked")
  Prepared<I> prepared(PolledRecords polled, int index, IntFunction<@Nullable Event<I>> events) {
    int slot = index / most;
    Prepared<I> known = (Prepared<I>) polled.prepared(slot);
    if (known == null) {
      known = prepare(index, Math.min((slot + 1) * most, polled.size()), events);
      polled.prepare(slot, known);
    }
    return known;
  }

  private Prepared<I> prepare(int first, int end, IntFunction<@Nullable Event<I>> events) {
    List<@Nullable Event<I>> all = new ArrayList<>(end - first);
    List<Event<I>> batch = new ArrayList<>(end - first);
    for (int i = first; i < end; i++) {
      Event<I> event;
      try {
        event = events.apply(i);
      } catch (Backend.UnreachableException e) {
        if (i == first) {
          throw e;
        }
        // The batch ends before this record, so that those before it need not wait for the service.
        // It and those behind it are decoded in their turn: each could take a call's time limit.
        break;
      }
      all.add(event);
      if (event != null) {
        batch.add(event);
      }
    }
    Handler<I> one = batch.size() < 2 ? null : call(batch);
    return new Prepared<>(one == null ? null : limits.apply(one), first, all);
  }

  /**
   * Calls {@code prepare}; null where it throws. Then each event is prepared by itself, which shows
   * the one at fault.
   */
  private @Nullable Handler<I> call(List<Event<I>> batch) {
    AtomicReference<@Nullable Handler<I>> made = new AtomicReference<>();
    Handler<I> all =
        event -> {
          made.set(handler.prepare(List.copyOf(batch)));
          return Outcome.skip("only prepared");
        };
    try {
      limits.apply(all).handle(batch.get(0));
      return made.get();
    } catch (Throwable e) {
      // Not logged: each event is prepared by itself next, and the one at fault throws again.
      counters.handlerFailures.increment();
      return null;
    } finally {
      Thread.interrupted(); // clears an interrupt flag that prepare left set
    }
  }
}
