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
 * + 1) * most} of a partition's poll are one batch; {@link Lanes} never gives two threads records
 * of one, so what was prepared for it is written and read by one lane, whose executor publishes it
 * from run to run.
 *
 * @param limits holds a call to the time limit of handlers
 */
public record Batching<I>(
    BatchHandler<I> handler,
    int most,
    UnaryOperator<Handler<I>> limits,
    PipelineCounters counters) {

  /**
   * What was made of a batch.
   *
   * @param handler null where each record is to be handled by itself
   * @param events by index from {@code first}; null where a record is not in the batch
   */
  record Prepared<I>(@Nullable Handler<I> handler, int first, List<@Nullable Event<I>> events) {

    @Nullable Event<I> event(int index) {
      int at = index - first;
      return at >= 0 && at < events.size() ? events.get(at) : null;
    }
  }

  /** Null for handlers of single events. */
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
   * @param events makes the event of a record; null where it has none that is to be handled
   * @throws Backend.UnreachableException where the record's own event cannot be made yet
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
        // A later record is no reason for those before it to wait. It is read again in its turn,
        // and what is behind it is not asked for now: each could take the time limit of a call.
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

  /** Null where it throws: then each event is prepared by itself, and the culprit found. */
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
      // The handler's, for one event or all: told when it comes again for the one whose fault it
      // is.
      counters.handlerFailures.increment();
      return null;
    } finally {
      Thread.interrupted(); // a flag that prepare left up is no event's
    }
  }
}
