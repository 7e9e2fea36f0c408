package io.exactlyonce.handler;

import java.util.List;

/**
 * A handler that looks many things up at once: it is given the events that wait, makes its bulk
 * calls, and returns what decides each of them.
 *
 * <pre>{@code
 * public Handler<Order> prepare(List<Event<Order>> events) {
 *   Map<String, Price> prices = catalogue.find(articles(events)); // one call for all
 *   return event -> Outcome.emit(Output.to("priced", event.key(), priced(event, prices)));
 * }
 * }</pre>
 *
 * <p>The returned handler is called once for each of the events, in their order and on one thread.
 * What it throws is that event's failure alone: that event is retried by itself, as a batch of one,
 * while those behind it in the batch wait, and the others' outcomes stand. Where {@link #prepare}
 * throws, nobody knows whose fault it was, and each of the events is prepared by itself.
 *
 * <p>A batch is a stretch of one partition's records of one poll, without duplicates and what
 * cannot be decoded. With {@code ordering: partition} batches of a partition follow each other;
 * with {@code none} {@code concurrency} of them run at once; {@code key} is refused at the start.
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
   * @throws Exception anything: each event is prepared by itself
   */
  Handler<I> prepare(List<Event<I>> events) throws Exception;

  /** So many events at once at most. */
  default int mostEvents() {
    return MAX_EVENTS;
  }

  /** A batch of one. */
  @Override
  default Outcome handle(Event<I> event) throws Exception {
    return prepare(List.of(event)).handle(event);
  }
}
