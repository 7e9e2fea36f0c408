package io.exactlyonce.torture;

import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import io.exactlyonce.handler.Output;
import io.exactlyonce.torture.checker.Line;
import io.exactlyonce.wiring.TestPipeline;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Process with an instance of the pipeline. Its handler writes each line to both sinks, or does as
 * the line's mode says.
 *
 * <p>Arguments: name, bootstrap servers, Redis URI, then {@code key=value} settings.
 */
public final class TortureWorker {
  /** Ways to handle a line. */
  enum Mode {
    PLAIN,
    /** Throws at every attempt. */
    POISON,
    /** Throws at the first attempt in this process. */
    THROWS_ONCE,
    /** Takes two seconds. */
    SLOW,
    /** Takes five seconds. */
    LINGERS,
    /** Waits, at the first attempt, until the handler's time limit interrupts it. */
    HANGS_ONCE,
    /** Never returns in the instance {@link #STANDING}; elsewhere it is as the plain one. */
    STANDS,
    /** Has an output that no topic takes. */
    HUGE
  }

  static final String STANDING = "a";

  private static final int TOO_LARGE = 2_000_000;

  private final Set<String> tried = ConcurrentHashMap.newKeySet();

  private final boolean isStanding;
  private final String left;
  private final String right;

  private TortureWorker(boolean isStanding, String left, String right) {
    this.isStanding = isStanding;
    this.left = left;
    this.right = right;
  }

  public static void main(String[] args) throws InterruptedException {
    Map<String, String> settings =
        Arrays.stream(args)
            .skip(3)
            .collect(
                Collectors.toMap(
                    s -> s.substring(0, s.indexOf('=')), s -> s.substring(s.indexOf('=') + 1)));
    String[] sinks = settings.get("sinks").split(", ");
    boolean isStanding = STANDING.equals(settings.get("instance-id"));
    Handler<String> handler = new TortureWorker(isStanding, sinks[0], sinks[1])::handle;
    TestPipeline pipeline = TestPipeline.start(args[0], settings, handler, args[1], args[2]);
    Runtime.getRuntime().addShutdownHook(new Thread(pipeline::close));
    new CountDownLatch(1).await();
  }

  private Outcome handle(Event<String> event) throws InterruptedException {
    Line line = Line.parse(event.value());
    String value = event.value();
    switch (Mode.valueOf(line.mode())) {
      case POISON -> throw new IllegalArgumentException("poison");
      case THROWS_ONCE -> {
        if (tried.add(line.id())) {
          throw new IllegalStateException("the first attempt");
        }
      }
      case SLOW -> new CountDownLatch(1).await(2, TimeUnit.SECONDS);
      case LINGERS -> new CountDownLatch(1).await(5, TimeUnit.SECONDS);
      case HANGS_ONCE -> {
        if (tried.add(line.id())) {
          new CountDownLatch(1).await();
        }
      }
      case STANDS -> {
        if (isStanding) {
          new CountDownLatch(1).await();
        }
      }
      case HUGE -> value = value + "|" + "x".repeat(TOO_LARGE);
      default -> {}
    }
    return Outcome.emit(Output.to(left, event.key(), value), Output.to(right, event.key(), value));
  }
}
