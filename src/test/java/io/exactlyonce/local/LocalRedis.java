package io.exactlyonce.local;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Real Redis on this machine: a process of its own that can be killed, stopped and restarted.
 *
 * <p>Without directives for that it keeps nothing on disk: after a {@link #restart()} it is empty,
 * which is the harder case for its clients. For one thread at a time.
 */
public final class LocalRedis implements AutoCloseable {
  private static final String HOST = "127.0.0.1";
  private static final Duration START_BOUND = Duration.ofSeconds(20);

  private final Path dir;
  private final Path binary;
  private final int port;
  private ChildProcess server;

  private LocalRedis(Path dir, Path binary, int port) {
    this.dir = dir;
    this.binary = binary;
    this.port = port;
  }

  /** Starts a Redis with its files in a new directory below {@code target/}. */
  public static LocalRedis start() {
    return start(LocalFiles.freshDirectory("redis"), Map.of());
  }

  /**
   * Starts a Redis; {@code directives} are lines of redis.conf that win over ours, such as
   * appendonly=yes.
   */
  public static LocalRedis start(Path dir, Map<String, String> directives) {
    return start(dir, LocalPorts.free(1).get(0), directives);
  }

  /**
   * Starts a Redis at the given port, with the data that an earlier one has left in the directory.
   */
  public static LocalRedis kept(Path dir, int port) {
    return start(dir, port, Map.of("appendonly", "yes"));
  }

  private static LocalRedis start(Path dir, int port, Map<String, String> directives) {
    Path home = LocalFiles.directory(dir);
    LocalFiles.write(home.resolve("redis.conf"), configuration(home, port, directives));
    LocalRedis redis = new LocalRedis(home, RedisBinary.extractTo(home), port);
    redis.launch();
    return redis;
  }

  public String uri() {
    return "redis://" + HOST + ":" + port;
  }

  public int port() {
    return port;
  }

  public long pid() {
    return server.pid();
  }

  public boolean isAlive() {
    return server.isAlive();
  }

  /** Sends SIGKILL. */
  public void kill() {
    server.kill();
  }

  /** Sends SIGSTOP: the kernel still accepts connections, and nothing answers. */
  public void pause() {
    server.pause();
  }

  /** Sends SIGCONT. */
  public void resume() {
    server.resume();
  }

  /** Starts it again at the same port; kills it before where it is alive. */
  public void restart() {
    kill();
    launch();
  }

  @Override
  public void close() {
    kill();
  }

  private void launch() {
    Path log = dir.resolve("redis.log");
    server = ChildProcess.start(log, List.of(binary.toString(), "redis.conf"));
    boolean settled =
        Await.within(START_BOUND, () -> RedisPing.answers(HOST, port) || !server.isAlive());
    if (!settled || !server.isAlive()) {
      kill();
      throw new IllegalStateException("Redis did not start:\n" + LocalFiles.tail(log));
    }
  }

  private static List<String> configuration(Path dir, int port, Map<String, String> directives) {
    Map<String, String> lines = new LinkedHashMap<>();
    lines.put("bind", HOST);
    lines.put("port", Integer.toString(port));
    lines.put("dir", '"' + dir.toString() + '"');
    lines.put("save", "\"\"");
    lines.put("appendonly", "no");
    // An evicted claim would let a duplicate through; a full Redis has to refuse writes instead.
    lines.put("maxmemory-policy", "noeviction");
    lines.putAll(directives);
    return lines.entrySet().stream().map(e -> e.getKey() + " " + e.getValue()).toList();
  }
}
