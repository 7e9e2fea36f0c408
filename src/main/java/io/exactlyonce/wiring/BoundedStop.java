package io.exactlyonce.wiring;

import io.micronaut.context.ApplicationContext;
import java.time.Duration;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shutdown hook that stops first the pipelines, which commit what is finished, and then every other
 * bean. Whatever hangs meanwhile (a client of a broker that does not answer, a bean of the user,
 * another hook, the log), the process ends within {@code stop-timeout} plus 5 s; open transactions
 * are then aborted, as after a crash.
 */
final class BoundedStop implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(BoundedStop.class);

  /** Time for the beans that are closed after the pipelines. */
  private static final Duration BEHIND = Duration.ofSeconds(4);

  /** Time for logging the line that says what hangs. */
  private static final Duration REPORT_BOUND = Duration.ofMillis(500);

  private static final int NOT_CLEAN = 1;

  private final Pipelines pipelines;
  private final ApplicationContext context;

  BoundedStop(Pipelines pipelines, ApplicationContext context) {
    this.pipelines = pipelines;
    this.context = context;
  }

  @Override
  public void run() {
    Duration bound = pipelines.stopTimeout().plus(BEHIND);
    Thread stopping = Thread.currentThread();
    // It goes on after this hook has ended, since other shutdown hooks may hang as well.
    Thread watch = new Thread(() -> endAfter(bound, stopping), "stop-bound");
    watch.setDaemon(true);
    watch.start();
    pipelines.stop();
    context.stop();
  }

  private static void endAfter(Duration bound, Thread stopping) {
    try {
      Thread.sleep(bound.toMillis());
    } catch (InterruptedException e) {
      // An interrupt ends the wait: the process then ends at once.
      Thread.currentThread().interrupt();
    }
    try {
      // On a thread of its own: the log itself may hang, where nothing reads standard output.
      Thread report = new Thread(() -> report(bound, stopping), "stop-report");
      report.setDaemon(true);
      report.start();
      report.join(REPORT_BOUND.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      Runtime.getRuntime().halt(NOT_CLEAN);
    }
  }

  private static void report(Duration bound, Thread stopping) {
    String at =
        stopping.isAlive()
            ? "held at " + Arrays.stream(stopping.getStackTrace()).limit(4).toList()
            : "held by another shutdown hook";
    LOG.error("not stopped within {}ms, {}; the process ends now", bound.toMillis(), at);
  }
}
