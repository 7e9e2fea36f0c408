package io.exactlyonce.demo;

import io.exactlyonce.cli.AuditCommand;
import io.exactlyonce.local.KafkaHelper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;

/**
 * Demonstration of the payments pipeline on this machine alone: {@code mvn -Pdemo [-Drecords=N]
 * [-Drate=N] [-Dexit=true] [-Dfaults=true]}.
 *
 * <p>Starts a real broker, a real Redis and the application, sends payments, and at the end reads
 * the topics to see whether each was booked once. Exit status 1 where that does not add up, 2 where
 * the application has no such pipeline.
 */
public final class Demo {
  private static final int PARTITIONS = 12;
  private static final int WRONG_CONFIGURATION = 2;

  private final DemoOptions options;
  private final Instant begun =
      ProcessHandle.current().info().startInstant().orElseGet(Instant::now);

  private Demo(DemoOptions options) {
    this.options = options;
  }

  public static void main(String[] args) throws Exception {
    int status;
    try {
      status = run(DemoOptions.of(System.getProperties()));
    } catch (IOException | RuntimeException e) {
      System.out.println("The demo broke off: " + e);
      status = 1;
    }
    System.exit(status);
  }

  private static int run(DemoOptions options) throws IOException, InterruptedException {
    Map<String, Object> configured = DemoPipeline.configured();
    if (options.file().isPresent()) {
      Optional<DemoPipeline> own = DemoPipeline.find(configured, options.pipeline());
      if (own.isPresent()) {
        return new OwnDemo(own.get(), options).run();
      }
      System.out.println("Name the pipeline, -Dpipeline=; there are " + configured.keySet());
      return WRONG_CONFIGURATION;
    }
    String trouble = DemoPipeline.trouble(configured);
    if (!trouble.isEmpty()) {
      System.out.println(trouble);
      return WRONG_CONFIGURATION;
    }
    return new Demo(options).run();
  }

  private int run() throws IOException, InterruptedException {
    URI address = DemoApplication.freeAddress();
    String token = UUID.randomUUID().toString();
    System.out.printf(
        """
        Console  %s/console/   (in a few seconds)
        Token    %s   (lets you act there; of this run alone)

        """,
        address, token);
    Path dir = Files.createDirectories(Path.of("target", "demo").toAbsolutePath());
    dir = Files.createTempDirectory(dir, "run-");
    System.out.println("Starting Kafka and Redis under " + dir);
    Closing closing = new Closing();
    Runtime.getRuntime().addShutdownHook(new Thread(closing::close, "demo-stop"));
    DemoBackends backends = closing.add(DemoBackends.launch(dir));
    DemoApplication application =
        closing.add(
            DemoApplication.startPayments(dir, backends, address, token, "demo-1", "application"));
    String servers = backends.kafka().awaitReady().bootstrapServers();
    KafkaHelper kafka = closing.add(new KafkaHelper(servers));
    kafka.warmUp();
    // The application creates the same topic by its settings; whichever is first.
    kafka.maybeCreateTopic(PaymentStream.TOPIC, PARTITIONS);
    PaymentStream stream = closing.add(new PaymentStream(servers, options, PARTITIONS));
    sayWhere(application, servers, dir);
    Thread upstream = new Thread(stream, "upstream");
    upstream.setDaemon(true);
    upstream.start();
    Progress progress = new Progress(System.out, System.console() != null);
    DemoFaults faults = options.faults() ? faults(dir, backends, token, progress) : null;
    Runnable onFirst = faults == null ? () -> {} : closing.add(faults)::start;
    Lag lag = new Lag(kafka.admin(), DemoPipeline.NAME, PaymentStream.TOPIC, PARTITIONS);
    if (!watch(stream, application, lag, progress, onFirst)) {
      System.out.println("The application ended: see " + dir.resolve("application.log"));
      return 1;
    }
    if (faults != null) {
      faults.stop();
    }
    Summary summary = Summary.read(servers);
    System.out.print(summary.text());
    boolean isProved = audit(servers) == 0;
    if (options.exit()) {
      return summary.addsUp() && isProved ? 0 : 1;
    }
    System.out.println("\nStill running: try the commands above. Ctrl-C stops everything.");
    new java.util.concurrent.CountDownLatch(1).await();
    return 0;
  }

  private static DemoFaults faults(Path dir, DemoBackends backends, String token, Progress progress)
      throws IOException {
    return new DemoFaults(
        backends.redis(),
        () ->
            DemoApplication.startPayments(
                dir, backends, DemoApplication.freeAddress(), token, "demo-2", "demo-2"),
        progress::say);
  }

  /**
   * The audit of the log against the receipts. A range that could not be judged counts as a
   * finding.
   */
  private static int audit(String servers) {
    System.out.println("\nThe audit, by --strict:");
    return new CommandLine(new AuditCommand())
        .execute(
            "--bootstrap-servers",
            servers,
            "--group",
            DemoPipeline.NAME,
            "--source",
            PaymentStream.TOPIC,
            "--sinks",
            "ledger,notifications",
            "--strict",
            "--quiet");
  }

  /**
   * Waits until the stream has ended and all of it is committed. False where the application died.
   */
  private boolean watch(
      PaymentStream stream,
      DemoApplication application,
      Lag lag,
      Progress progress,
      Runnable onFirst)
      throws InterruptedException {
    boolean first = true;
    while (application.isAlive()) {
      Map<String, Long> counts = application.counts(DemoPipeline.NAME);
      if (first && counts.getOrDefault("commits", 0L) > 0) {
        first = false;
        onFirst.run();
        progress.say(
            "First committed output %.1f s after the start"
                .formatted(Duration.between(begun, Instant.now()).toMillis() / 1000.0));
      }
      long behind = lag.records();
      progress.update(stream.sent(), counts, behind);
      if (stream.isDone() && behind == 0 && !counts.isEmpty()) {
        progress.end();
        return true;
      }
      TimeUnit.MILLISECONDS.sleep(200);
    }
    return false;
  }

  private static void sayWhere(DemoApplication application, String servers, Path dir) {
    System.out.printf(
        """

        Application  %s   (/console/, /health, /pipelines)
        Kafka        %s
        Log          %s
        Try          curl -i -XPOST %1$s/payments -H 'Idempotency-Key: my-1' -H 'Content-Type: application/json' \\
                       -d '{"debtor":"alice","creditor":"bob","cents":1250,"currency":"EUR"}'
                     twice, then  curl %1$s/accounts/bob

        """,
        application.address(), servers, dir.resolve("application.log"));
  }
}
