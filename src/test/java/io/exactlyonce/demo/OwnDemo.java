package io.exactlyonce.demo;

import io.exactlyonce.cli.AuditCommand;
import io.exactlyonce.cli.load.LoadCommand;
import io.exactlyonce.local.KafkaHelper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;

/**
 * Demonstration of a pipeline of the user's own on this machine alone, with records from a file:
 * {@code mvn -Pdemo -Dfile=flights.ndjson -Did-field=flight}.
 *
 * <p>The command {@code load} sends the file's rows, one in ten twice. The outputs that the handler
 * should make are not known, so the summary has what can be said of any pipeline: the number of
 * records in its topics, and the findings of the audit. Exit status 1 where the audit finds
 * anything or a row could not be sent.
 */
final class OwnDemo {
  private static final int PARTITIONS = 12;

  private final DemoPipeline pipeline;
  private final DemoOptions options;

  OwnDemo(DemoPipeline pipeline, DemoOptions options) {
    this.pipeline = pipeline;
    this.options = options;
  }

  int run() throws IOException, InterruptedException {
    Path dir = Files.createDirectories(Path.of("target", "demo").toAbsolutePath());
    dir = Files.createTempDirectory(dir, "run-");
    URI address = DemoApplication.freeAddress();
    String token = UUID.randomUUID().toString();
    System.out.printf("Console  %s/console/   token %s%nLog      %s%n", address, token, dir);
    Closing closing = new Closing();
    Runtime.getRuntime().addShutdownHook(new Thread(closing::close, "demo-stop"));
    DemoBackends backends = closing.add(DemoBackends.launch(dir));
    DemoApplication application = closing.add(DemoApplication.start(dir, backends, address, token));
    String servers = backends.kafka().awaitReady().bootstrapServers();
    KafkaHelper kafka = closing.add(new KafkaHelper(servers));
    int partitions = kafka.maybeCreateTopic(pipeline.source(), PARTITIONS);
    CompletableFuture<Integer> load = CompletableFuture.supplyAsync(() -> load(servers));
    Lag lag = new Lag(kafka.admin(), pipeline.name(), pipeline.source(), partitions);
    if (!watch(application, load, lag)) {
      System.out.println("The application ended: see " + dir.resolve("application.log"));
      return 1;
    }
    tellTopics(servers);
    boolean isProved = audit(servers) == 0;
    if (options.exit()) {
      return load.join() == 0 && isProved ? 0 : 1;
    }
    System.out.println("\nStill running. Ctrl-C stops everything.");
    new CountDownLatch(1).await();
    return 0;
  }

  private int load(String servers) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("--bootstrap-servers", servers, "--topic", pipeline.source()));
    arguments.addAll(List.of("--duplicates", "10%", "--rate", "" + options.rate(), "--quiet"));
    options.idField().ifPresent(field -> arguments.addAll(List.of("--id-field", field)));
    options.keyField().ifPresent(field -> arguments.addAll(List.of("--key-field", field)));
    arguments.add(options.file().orElseThrow());
    return new CommandLine(new LoadCommand()).execute(arguments.toArray(String[]::new));
  }

  /** Waits until the file is sent and all of it is committed. False where the application died. */
  private boolean watch(DemoApplication application, CompletableFuture<Integer> load, Lag lag)
      throws InterruptedException {
    Progress progress = new Progress(System.out, System.console() != null);
    while (application.isAlive()) {
      boolean isSent = load.isDone();
      Map<String, Long> counts = application.counts(pipeline.name());
      long behind = lag.records();
      progress.update(lag.end(), counts, behind);
      if (isSent && behind == 0 && !counts.isEmpty()) {
        progress.end();
        return true;
      }
      TimeUnit.MILLISECONDS.sleep(200);
    }
    return false;
  }

  private void tellTopics(String servers) {
    System.out.println("\nFrom the topics, read with isolation read_committed:");
    TopicScan scan = new TopicScan(servers);
    List<String> topics = new ArrayList<>(List.of(pipeline.source()));
    topics.addAll(pipeline.sinks());
    topics.add(pipeline.name() + ".dead-letters");
    topics.forEach(
        topic -> System.out.printf("  %-30s %,12d%n", topic, scan.forEach(topic, record -> {})));
  }

  private int audit(String servers) {
    System.out.println("\nThe audit, by --strict:");
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("--bootstrap-servers", servers, "--group", pipeline.name()));
    arguments.addAll(List.of("--source", pipeline.source(), "--strict", "--quiet"));
    if (!pipeline.sinks().isEmpty()) {
      arguments.addAll(List.of("--sinks", String.join(",", pipeline.sinks())));
    }
    return new CommandLine(new AuditCommand()).execute(arguments.toArray(String[]::new));
  }
}
