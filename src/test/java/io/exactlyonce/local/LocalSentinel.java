package io.exactlyonce.local;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Real Redis Sentinel that alone watches one primary, and fails over within seconds. */
public final class LocalSentinel implements AutoCloseable {
  public static final String MASTER = "claims";

  private static final String HOST = "127.0.0.1";
  private static final Duration START_BOUND = Duration.ofSeconds(20);

  private final ChildProcess process;
  private final int port;

  private LocalSentinel(ChildProcess process, int port) {
    this.process = process;
    this.port = port;
  }

  public static LocalSentinel watch(LocalRedis primary) {
    Path home = LocalFiles.freshDirectory("sentinel");
    int port = LocalPorts.free(1).get(0);
    LocalFiles.write(
        home.resolve("sentinel.conf"),
        List.of(
            "bind " + HOST,
            "port " + port,
            "dir \"" + home + '"',
            "sentinel monitor " + MASTER + " " + HOST + " " + primary.port() + " 1",
            "sentinel down-after-milliseconds " + MASTER + " 1000",
            "sentinel failover-timeout " + MASTER + " 5000"));
    Path log = home.resolve("sentinel.log");
    String binary = RedisBinary.extractTo(home).toString();
    ChildProcess process = ChildProcess.start(log, List.of(binary, "sentinel.conf", "--sentinel"));
    if (!Await.within(START_BOUND, () -> RedisPing.answers(HOST, port))) {
      process.kill();
      throw new IllegalStateException("the sentinel did not start:\n" + LocalFiles.tail(log));
    }
    return new LocalSentinel(process, port);
  }

  /** The URI, in the form of Lettuce and Micronaut. */
  public String uri() {
    return "redis-sentinel://" + HOST + ":" + port + "#" + MASTER;
  }

  public int port() {
    return port;
  }

  @Override
  public void close() {
    process.kill();
  }
}
