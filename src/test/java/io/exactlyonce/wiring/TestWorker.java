package io.exactlyonce.wiring;

import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import io.exactlyonce.handler.Output;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * A {@link TestPipeline} as a process of its own, which a spec can kill or stop: copies text from
 * source to sink.
 *
 * <p>Arguments: name, bootstrap servers, Redis URI, microseconds a record takes, then {@code
 * key=value} settings, {@code sinks} among them.
 */
public final class TestWorker {
  private TestWorker() {}

  public static void main(String[] args) throws InterruptedException {
    Map<String, String> settings = new HashMap<>();
    Arrays.stream(args)
        .skip(4)
        .forEach(
            s -> settings.put(s.substring(0, s.indexOf('=')), s.substring(s.indexOf('=') + 1)));
    long nanos = Long.parseLong(args[3]) * 1000;
    String sink = settings.get("sinks");
    Handler<String> copy =
        event -> {
          if (nanos > 0) {
            LockSupport.parkNanos(nanos);
          }
          return Outcome.emit(Output.to(sink, event.key(), event.value()));
        };
    TestPipeline pipeline = TestPipeline.start(args[0], settings, copy, args[1], args[2]);
    Runtime.getRuntime().addShutdownHook(new Thread(pipeline::close));
    new CountDownLatch(1).await();
  }
}
