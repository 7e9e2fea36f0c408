package io.exactlyonce.wiring;

import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import io.exactlyonce.handler.Output;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Process with a {@link TestPipeline} that copies text from source to sink, to be killed or stopped
 * by a spec.
 *
 * <p>Arguments: name, bootstrap servers, Redis URI, microseconds per record, then {@code key=value}
 * settings, {@code sinks} among them. Two settings are the worker's own: {@code hang-at}, a value
 * at which the handler waits for ever, and {@code calls}, a file that the value of each call is
 * appended to before it is handled.
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
    String hangAt = settings.remove("hang-at");
    Consumer<String> calls = calls(settings.remove("calls"));
    Handler<String> copy =
        event -> {
          calls.accept(event.value());
          if (event.value().equals(hangAt)) {
            new CountDownLatch(1).await();
          }
          if (nanos > 0) {
            LockSupport.parkNanos(nanos);
          }
          return Outcome.emit(Output.to(sink, event.key(), event.value()));
        };
    TestPipeline pipeline = TestPipeline.start(args[0], settings, copy, args[1], args[2]);
    Runtime.getRuntime().addShutdownHook(new Thread(pipeline::close));
    new CountDownLatch(1).await();
  }

  /** Appends each value to the file at once, so that a kill loses none of them. */
  private static Consumer<String> calls(String file) {
    if (file == null) {
      return value -> {};
    }
    FileOutputStream out;
    try {
      out = new FileOutputStream(file, true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return value -> {
      try {
        out.write((value + "\n").getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }
}
