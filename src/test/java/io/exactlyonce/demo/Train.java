package io.exactlyonce.demo;

import io.exactlyonce.local.Await;
import io.exactlyonce.local.ChildProcess;
import io.exactlyonce.local.KafkaHelper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.function.BooleanSupplier;

/**
 * Runs the application once, on a Kafka and a Redis of its own, to record a {@link StartCache} for
 * later starts. docker/Dockerfile runs it while it builds the image.
 *
 * <p>Arguments: the jar, and the directory for the caches, serve and tools. Their kind follows from
 * the Java that runs this. Without the sample's pipeline the application only starts and answers.
 * Exit status 1 where a cache was not written.
 */
public final class Train {
  /** Enough records to profile the worker's loop, in a few seconds. */
  private static final int RECORDS = 50_000;

  private static final int PARTITIONS = 12;
  private static final Duration BOUND = Duration.ofMinutes(4);

  /** The options that docker/run.sh has for the tools. */
  private static final List<String> SHORT = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private final Path jar;
  private final Path caches;
  private final Path dir;
  private final HttpClient http = HttpClient.newHttpClient();

  private Train(Path jar, Path caches, Path dir) {
    this.jar = jar;
    this.caches = caches;
    this.dir = dir;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    Path dir = Files.createDirectories(Path.of("target", "train").toAbsolutePath());
    Path jar = Path.of(args[0]).toAbsolutePath();
    boolean isMade = new Train(jar, Path.of(args[1]).toAbsolutePath(), dir).run();
    System.exit(isMade ? 0 : 1);
  }

  private boolean run() throws IOException, InterruptedException {
    try (DemoBackends backends = DemoBackends.launch(dir)) {
      backends.kafka().awaitReady();
      StartCache serve = new StartCache(caches.resolve("serve"), jar, List.of());
      serve(serve, backends);
      StartCache tools = new StartCache(caches.resolve("tools"), jar, SHORT);
      explain(tools, backends);
      return serve.make(dir) && tools.make(dir);
    }
  }

  private void serve(StartCache cache, DemoBackends backends)
      throws IOException, InterruptedException {
    URI address = DemoApplication.freeAddress();
    List<String> options = new ArrayList<>(cache.recording());
    options.add("-Dkafka.bootstrap.servers=" + backends.kafka().bootstrapServers());
    options.add("-Dredis.uri=" + backends.redis().uri());
    options.add("-Dmicronaut.server.port=" + address.getPort());
    ChildProcess application = cache.start(dir, "serve", options, List.of("serve"));
    try {
      require(application, "its answers", () -> answers(address.resolve("/health/readiness")));
      if (DemoPipeline.configured().containsKey(DemoPipeline.NAME)) {
        work(application, backends);
      }
      for (String page : List.of("/pipelines", "/prometheus", "/console/")) {
        answers(address.resolve(page));
      }
    } finally {
      application.terminate(BOUND);
    }
  }

  private void work(ChildProcess application, DemoBackends backends) {
    String servers = backends.kafka().bootstrapServers();
    Properties amount = new Properties();
    amount.setProperty("records", Integer.toString(RECORDS));
    amount.setProperty("rate", "0");
    try (KafkaHelper kafka = new KafkaHelper(servers);
        PaymentStream stream = new PaymentStream(servers, DemoOptions.of(amount), PARTITIONS)) {
      kafka.awaitTopic(PaymentStream.TOPIC, PARTITIONS);
      stream.run();
      Lag lag = new Lag(kafka.admin(), DemoPipeline.NAME, PaymentStream.TOPIC, PARTITIONS);
      require(application, "the end of its work", () -> isDone(lag));
    }
  }

  private static boolean isDone(Lag lag) {
    try {
      return lag.records() == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while it waited for the lag", e);
    }
  }

  /** Runs a command as an operator does; other commands share its classes. */
  private void explain(StartCache cache, DemoBackends backends) {
    String id = PaymentStream.eventId(RECORDS / 2);
    List<String> command =
        List.of(
            "explain",
            "--bootstrap-servers",
            backends.kafka().bootstrapServers(),
            "--redis-uri",
            backends.redis().uri(),
            "--group",
            DemoPipeline.NAME,
            "--id",
            id);
    ChildProcess child = cache.start(dir, "explain", cache.recording(), command);
    if (!Await.within(BOUND, () -> !child.isAlive())) {
      child.kill();
      throw new IllegalStateException("explain took longer than " + BOUND + ": see " + dir);
    }
  }

  private void require(ChildProcess application, String what, BooleanSupplier met) {
    if (!Await.within(BOUND, () -> met.getAsBoolean() || !application.isAlive())
        || !application.isAlive()) {
      throw new IllegalStateException(
          "waited for " + what + ": see " + dir.resolve("serve.log") + ", kept where it ran");
    }
  }

  private boolean answers(URI address) {
    try {
      HttpRequest ask = HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(5)).build();
      return http.send(ask, BodyHandlers.ofByteArray()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
