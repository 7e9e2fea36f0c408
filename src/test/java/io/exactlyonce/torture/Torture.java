package io.exactlyonce.torture;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/**
 * Runs the pipeline on this machine while everything is broken: {@code mvn -Ptorture [-Dminutes=10]
 * [-Dseed=N]}.
 *
 * <p>Exit status 0 where neither the checker nor the audit has found anything and the backlog was
 * processed within its bound, else 1. The logs, the topics' data and the seed are kept below {@code
 * target/torture}.
 */
public final class Torture {
  /** Time after the last fault for session and transaction timeouts, a rebuild, and the backlog. */
  private static final Duration DRAIN_BOUND = Duration.ofSeconds(120);

  private final TortureOptions options;
  private final Path dir;
  private final long begun = System.nanoTime();

  private Torture(TortureOptions options, Path dir) {
    this.options = options;
    this.dir = dir;
  }

  public static void main(String[] args) throws Exception {
    // Clients log each retry at a broker that was killed; only the verdict matters.
    ((Logger) LoggerFactory.getLogger("org.apache.kafka")).setLevel(Level.OFF);
    TortureOptions options = TortureOptions.of(System.getProperties());
    Path dir = Path.of("target", "torture").toAbsolutePath();
    Files.createDirectories(dir);
    boolean isPassed =
        options.plant().equals(TortureOptions.ALL)
            ? new PlantedTable(options, dir).run()
            : options.delivery().equals(TortureOptions.ALL)
                ? new DeliveryTable(options, dir).run()
                : run(options, dir).isPassed();
    System.exit(isPassed ? 0 : 1);
  }

  /** One run from its start to its report. */
  static Report run(TortureOptions options, Path dir) throws IOException, InterruptedException {
    return new Torture(options, Files.createTempDirectory(dir, "run-")).run();
  }

  private Report run() throws IOException, InterruptedException {
    System.out.println(options.command());
    System.out.println("Starting three brokers, Redis and the instances under " + dir);
    try (TortureCluster cluster = TortureCluster.start(dir, options)) {
      Sender sender =
          new Sender(
              cluster.bootstrapServers(),
              TortureCluster.SOURCE,
              TortureCluster.PARTITIONS,
              options.rate(),
              new Random(options.seed() + 1));
      Samples samples = new Samples(cluster.helper().admin());
      awaitFirstCommit(sender, samples);
      FaultDriver faults =
          new FaultDriver(cluster, sender, options.seed(), Duration.ofSeconds(options.seconds()));
      Thread driver = daemon(faults, "faults");
      for (int turn = 0; driver.isAlive(); turn++) {
        samples.take();
        if (turn % 10 == 0) {
          tell(sender, samples, faults.underWay());
        }
        TimeUnit.MILLISECONDS.sleep(500);
      }
      sender.close();
      long mended = System.nanoTime();
      boolean isDrained = awaitDrained(cluster, samples, mended);
      double drained = (System.nanoTime() - mended) / 1e9;
      cluster.instances().forEach(one -> one.terminate(Duration.ofSeconds(40)));
      Verdict verdict =
          Verdict.of(TortureCluster.TOPICS, sender.sent(), cluster.bootstrapServers());
      Report report =
          new Report(options, verdict, faults, samples, begun, isDrained ? drained : -1);
      Path file = report.write(dir.getParent());
      System.out.println(report.text());
      System.out.println("Report: " + file);
      return report;
    }
  }

  /** Starts the sender, and waits for the first commit: faults begin when records flow. */
  private static void awaitFirstCommit(Sender sender, Samples samples) throws InterruptedException {
    daemon(sender, "sender");
    long end = System.nanoTime() + Duration.ofSeconds(120).toNanos();
    while (samples.last().committed() == 0) {
      if (System.nanoTime() - end > 0) {
        throw new IllegalStateException("nothing was committed within 120 s: see the logs");
      }
      TimeUnit.MILLISECONDS.sleep(200);
      samples.take();
    }
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static boolean awaitDrained(TortureCluster cluster, Samples samples, long from)
      throws InterruptedException {
    int drained = 0;
    while (drained < 4) {
      if (System.nanoTime() - from > DRAIN_BOUND.toNanos()) {
        return false;
      }
      samples.take();
      // The lag ends at the last stable offset, behind which an open transaction may hide records.
      boolean isStill = samples.last().at() > from && samples.last().lag() == 0;
      drained = isStill && SourceEnds.areStable(cluster) ? drained + 1 : 0;
      TimeUnit.MILLISECONDS.sleep(250);
    }
    return true;
  }

  private void tell(Sender sender, Samples samples, List<Fault> faults) {
    System.out.printf(
        "%4d s  acknowledged %7d  committed %7d  lag %6d  %s%n",
        (System.nanoTime() - begun) / 1_000_000_000,
        sender.acknowledged(),
        samples.last().committed(),
        samples.last().lag(),
        String.join("; ", faults.stream().map(Fault::text).toList()));
  }
}
