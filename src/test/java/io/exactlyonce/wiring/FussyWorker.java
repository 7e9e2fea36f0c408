package io.exactlyonce.wiring;

import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import io.exactlyonce.handler.Output;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * Process like {@link TestWorker}, whose handler refuses values that begin with "no", throws at
 * those that begin with "bad", and throws at those that begin with "late" until the record is 1.5 s
 * old.
 */
public final class FussyWorker {
  private static final long OLD_ENOUGH = Duration.ofMillis(1500).toMillis();
  private static final long WORK_NANOS = 100_000;

  private FussyWorker() {}

  public static void main(String[] args) throws InterruptedException {
    Map<String, String> settings = new HashMap<>();
    Arrays.stream(args)
        .skip(3)
        .map(setting -> setting.split("=", 2))
        .forEach(setting -> settings.put(setting[0], setting[1]));
    String sink = settings.get("sinks");
    Handler<String> fussy = event -> handle(event, sink);
    TestPipeline pipeline = TestPipeline.start(args[0], settings, fussy, args[1], args[2]);
    Runtime.getRuntime().addShutdownHook(new Thread(pipeline::close));
    new CountDownLatch(1).await();
  }

  private static Outcome handle(Event<String> event, String sink) throws IOException {
    LockSupport.parkNanos(WORK_NANOS);
    String value = event.value();
    if (value.startsWith("no")) {
      return Outcome.deadLetter("refused");
    }
    boolean late = value.startsWith("late");
    boolean young = System.currentTimeMillis() - event.timestamp().toEpochMilli() < OLD_ENOUGH;
    if (value.startsWith("bad") || late && young) {
      throw new IOException("not now");
    }
    return Outcome.emit(Output.to(sink, event.key(), value));
  }
}
