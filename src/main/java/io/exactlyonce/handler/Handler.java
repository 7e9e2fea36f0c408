package io.exactlyonce.handler;

/**
 * The business logic of one pipeline: a plain function from an event to its outcome.
 *
 * <p>The value is decoded to {@code I}; a handler that also wants a typed key asks for {@link
 * Keyed}. A handler never gets a consumer, a producer or a transaction. It may run again for the
 * same event, after an abort, so whatever it does outside its return value must bear repetition;
 * {@link Event#idempotencyKey()} is the same at each rerun, and {@link Event#effects()} keeps what
 * a call returned.
 *
 * <p>With {@code concurrency} above 1 the handler is called by several threads at once, though
 * never at once for two records that {@code ordering} keeps in order.
 *
 * @param <I> the type of the record's value
 */
@FunctionalInterface
public interface Handler<I> {

  /**
   * Decides the outcome of one event.
   *
   * @throws Exception anything: the record is retried by the pipeline's policy, and then becomes a
   *     dead letter, in the same transaction as its offset, unless {@code retry.on-exhausted} says
   *     otherwise
   */
  Outcome handle(Event<I> event) throws Exception;
}
