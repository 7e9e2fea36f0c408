package io.exactlyonce.local;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A real Redis on this machine, a process of its own that can be killed, stopped and restarted.
 *
 * <p>It keeps nothing on disk unless told to by directives: after a {@link #restart()} it is empty,
 * which is the harder case for whoever relies on it. Its commands are for one thread at a time.
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

  /** A Redis with its files in a new directory below {@code target/}. */
  public static LocalRedis start() {
    return start(LocalFiles.freshDirectory("redis"), Map.of());
  }

  /** {@code directives} are lines of redis.conf that win over ours, such as appendonly=yes. */
  public static LocalRedis start(Path dir, Map<String, String> directives) {
    return start(dir, LocalPorts.free(1).get(0), directives);
  }

  /** One at that port, with what an earlier one has left in the directory. */
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

  /** SIGKILL. */
  public void kill() {
    server.kill();
  }

  /** SIGSTOP: it still accepts connections, the kernel does, and answers nothing. */
  public void pause() {
    server.pause();
  }

  /** SIGCONT. */
  public void resume() {
    server.resume();
  }

  /** Starts it again on the same port, after a {@link #kill()} if it still lives. */
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
    // Evicted claims would be duplicates let through; a full Redis has to say so instead.
    lines.put("maxmemory-policy", "noeviction");
    lines.putAll(directives);
    return lines.entrySet().stream().map(e -> e.getKey() + " " + e.getValue()).toList();
  }
}
