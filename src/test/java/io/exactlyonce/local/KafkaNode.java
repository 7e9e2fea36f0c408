package io.exactlyonce.local;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Node of a {@link LocalKafka}. For one thread at a time, that of the scenario.
 *
 * <p>Its output goes to {@code broker-<start>.log} in its directory, a new file for each start.
 */
public final class KafkaNode {
  private static final Duration START_BOUND = Duration.ofSeconds(180);
  private static final String STARTED = "Kafka Server started";

  private final Path home;
  private final String address;
  private final List<String> jvmOptions;
  private ChildProcess broker;
  private int starts;

  private KafkaNode(Path home, String address, List<String> jvmOptions) {
    this.home = home;
    this.address = address;
    this.jvmOptions = jvmOptions;
  }

  /** Makes the node's directory ready for the first start. */
  static KafkaNode format(
      Path home,
      ClusterLayout layout,
      int index,
      Map<String, String> overrides,
      List<String> jvmOptions) {
    KafkaHome.format(home, layout, index, overrides);
    List<String> options = new ArrayList<>(jvmOptions);
    options.add("-Dlogback.configurationFile=" + KafkaHome.loggingFile(home));
    return new KafkaNode(home, layout.address(index), List.copyOf(options));
  }

  public String address() {
    return address;
  }

  public long pid() {
    return broker.pid();
  }

  public boolean isAlive() {
    return broker != null && broker.isAlive();
  }

  /** Sends SIGKILL. */
  public void kill() {
    if (broker != null) {
      broker.kill();
    }
  }

  /**
   * Sends SIGTERM, and SIGKILL where it has not stopped within the bound. True where SIGTERM was
   * enough.
   */
  boolean terminate(Duration bound) {
    return broker.terminate(bound);
  }

  /** Sends SIGSTOP: its connections stay open, and nothing answers on them. */
  public void pause() {
    broker.pause();
  }

  /** Sends SIGCONT. */
  public void resume() {
    broker.resume();
  }

  /** Starts it again with its data and ports; kills it before where it is alive. */
  public void restart() {
    kill();
    launch();
    awaitReady();
  }

  void launch() {
    starts++;
    List<String> args = List.of(KafkaHome.propertiesFile(home).toString());
    List<String> options = new ArrayList<>(KafkaClassArchive.options());
    options.addAll(jvmOptions);
    broker =
        ChildJvm.start(
            home, "broker-" + starts, options, KafkaClassArchive.classPath(), "kafka.Kafka", args);
  }

  void awaitReady() {
    boolean settled = Await.within(START_BOUND, () -> saysStarted() || !isAlive());
    if (!settled || !isAlive()) {
      String what = settled ? "ended" : "was not ready within " + START_BOUND;
      kill();
      throw new IllegalStateException(
          "The broker in " + home + " " + what + ":\n" + LocalFiles.tail(log()));
    }
  }

  /** The lines of its log since its last start. */
  public List<String> lines() {
    return LocalFiles.lines(log());
  }

  private boolean saysStarted() {
    return LocalFiles.lines(log()).stream().anyMatch(line -> line.contains(STARTED));
  }

  private Path log() {
    return home.resolve("broker-" + starts + ".log");
  }

  @Override
  public String toString() {
    return "broker " + address + " in " + home;
  }
}
