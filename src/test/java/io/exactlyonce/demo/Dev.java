package io.exactlyonce.demo;

import io.exactlyonce.local.ChildJvm;
import io.exactlyonce.local.ChildProcess;
import io.exactlyonce.local.LocalKafka;
import io.exactlyonce.local.LocalRedis;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Kafka and Redis at fixed ports, and beside them the application with a port for a debugger:
 * {@code mvn -Pdev}. Their data is kept from one start to the next, until {@code mvn clean}.
 *
 * <p>With {@code -Dapplication=false} the application is started elsewhere, by an IDE; these ports
 * are its defaults. Exit status 1 where the application could not be started, or ended.
 */
final class Dev implements AutoCloseable {
  private static final Duration STOP_BOUND = Duration.ofSeconds(25);

  private final Closing closing = new Closing();
  private final DevPorts ports;
  private final Path dir;
  private final String token = UUID.randomUUID().toString();

  /**
   * @param dir directory of all data
   */
  Dev(DevPorts ports, Path dir) {
    this.ports = ports;
    this.dir = dir;
  }

  public static void main(String[] args) throws InterruptedException {
    int status = 1;
    try {
      DevPorts ports = DevPorts.of(System.getProperties());
      Dev dev = new Dev(ports, Path.of("target", "dev").toAbsolutePath());
      Runtime.getRuntime().addShutdownHook(new Thread(dev::close, "dev-stop"));
      dev.startBackends();
      boolean isAlone = !Boolean.parseBoolean(System.getProperty("application", "true"));
      status = isAlone ? dev.serveIde() : dev.serve();
    } catch (IOException | RuntimeException e) {
      System.out.println(e.getMessage());
    }
    System.exit(status);
  }

  void startBackends() throws IOException {
    ports.requireFree();
    System.out.println("Starting Kafka and Redis under " + dir);
    closing.add(LocalRedis.kept(dir.resolve("redis"), ports.redis()));
    closing.add(LocalKafka.kept(dir.resolve("kafka"), ports.kafka()));
    System.out.printf("Kafka        127.0.0.1:%d%n", ports.kafka());
    System.out.printf("Redis        redis://127.0.0.1:%d%n", ports.redis());
  }

  private int serveIde() throws InterruptedException {
    System.out.println(
        "Start io.exactlyonce.cli.Main where you like. Ctrl-C stops Kafka and Redis.");
    new java.util.concurrent.CountDownLatch(1).await();
    return 0;
  }

  private int serve() throws InterruptedException {
    ChildProcess application = startApplication();
    System.out.printf(
        """
        Application  %s   (in a few seconds; /console/, /health, /pipelines)
        Token        %s   (lets you act there; of this run alone)
        Debugger     127.0.0.1:%d
        Log          %s
        Ctrl-C stops everything; the next mvn -Pdev goes on with what is there.
        """,
        ports.address(), token, ports.debug(), dir.resolve("application.log"));
    while (application.isAlive()) {
      TimeUnit.MILLISECONDS.sleep(200);
    }
    System.out.println("The application ended: see " + dir.resolve("application.log"));
    return 1;
  }

  ChildProcess startApplication() {
    List<String> options = new ArrayList<>(LocalKafka.FAST_START);
    options.add(
        "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:" + ports.debug());
    options.add("-Dkafka.bootstrap.servers=127.0.0.1:" + ports.kafka());
    options.add("-Dredis.uri=redis://127.0.0.1:" + ports.redis());
    options.add("-Dmicronaut.server.port=" + ports.address().getPort());
    options.add("-Dpipeline.admin.token=" + token);
    ChildProcess application =
        ChildJvm.start(dir, "application", options, "io.exactlyonce.cli.Main", List.of("serve"));
    closing.add(() -> application.terminate(STOP_BOUND));
    return application;
  }

  @Override
  public void close() {
    closing.close();
  }
}
