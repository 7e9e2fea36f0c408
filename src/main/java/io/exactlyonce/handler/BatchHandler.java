package io.exactlyonce.handler;

import java.util.List;

/**
 * A handler that makes bulk calls for many events at once: it gets the events that wait, makes the
 * calls, and returns the handler that decides the outcome of each.
 *
 * <pre>{@code
 * public Handler<Order> prepare(List<Event<Order>> events) {
 *   Map<String, Price> prices = catalogue.find(articles(events)); // one call for all
 *   return event -> Outcome.emit(Output.to("priced", event.key(), priced(event, prices)));
 * }
 * }</pre>
 *
 * <p>The returned handler is called once for each of the events, in their order and on one thread.
 * An exception of it fails that event alone: that event is retried by itself, as a batch of one,
 * while those behind it in the batch wait, and the outcomes of the others stand. An exception of
 * {@link #prepare} cannot be attributed to one event, so each of the events is prepared by itself.
 *
 * <p>A batch is a stretch of the records of one partition in one poll, without duplicates and
 * records that cannot be decoded. With {@code ordering: partition} batches of a partition follow
 * each other; with {@code none} {@code concurrency} of them run at once; {@code key} is refused at
 * the start.
 *
 * @param <I> the type of the record's value
 */
@FunctionalInterface
@SuppressWarnings("FunctionalInterfaceMethodChanged") // what is written down is prepare
public interface BatchHandler<I> extends Handler<I> {
  int MAX_EVENTS = 500;

  /**
   * Makes the calls that all of these events need. It may run again for some of them.
   *
   * @param events one to {@link #mostEvents}
   * @return the handler of these events
   * @throws Exception anything: each event is then prepared by itself
   */
  Handler<I> prepare(List<Event<I>> events) throws Exception;

  /** Most events of one batch; less than 1 counts as 1. */
  default int mostEvents() {
    return MAX_EVENTS;
  }

  /** Handles the event as a batch of one. */
  @Override
  default Outcome handle(Event<I> event) throws Exception {
    return prepare(List.of(event)).handle(event);
  }
}
