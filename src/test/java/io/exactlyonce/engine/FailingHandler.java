package io.exactlyonce.engine;

import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import io.exactlyonce.handler.Output;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Handler that refuses values that begin with "no", throws at the first three calls for each value
 * that begins with "bad", and copies the rest. In Java, since a Groovy closure would cost more than
 * the pipeline.
 *
 * @param each time that a call waits, as for a remote system
 */
record FailingHandler(String sink, Duration each, Map<String, AtomicInteger> calls)
    implements Handler<String> {
  private static final int FAILURES = 3;

  FailingHandler(String sink, Duration each) {
    this(sink, each, new ConcurrentHashMap<>());
  }

  @Override
  public Outcome handle(Event<String> event) throws IOException {
    if (!each.isZero()) {
      LockSupport.parkNanos(each.toNanos());
    }
    String value = event.value();
    if (value.startsWith("no")) {
      return Outcome.deadLetter("refused");
    }
    if (value.startsWith("bad")
        && calls.computeIfAbsent(value, v -> new AtomicInteger()).incrementAndGet() <= FAILURES) {
      throw new IOException("not yet");
    }
    return Outcome.emit(Output.to(sink, event.key(), value));
  }
}
