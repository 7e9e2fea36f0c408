package io.exactlyonce.local;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Schema registry in this process: the part of Apicurio's core API, version 2, that its serializers
 * call, over HTTP on the loopback. It can fail in each of the ways of a real one, and keeps its
 * schemas then. Apicurio's own server is {@link ApicurioServer}.
 */
public final class LocalRegistry implements AutoCloseable {
  /** Ways to answer. */
  public enum Mode {
    /** As a registry that works. */
    WELL,
    /** With 503, as a proxy whose registry is down. */
    UNAVAILABLE,
    /** With 401, as for an expired token. */
    UNAUTHORIZED,
    /** Without any response. */
    HUNG
  }

  private record Version(String artifact, long globalId, String content) {}

  private static final String ROOT = "/apis/registry/v2";
  private static final Pattern CONTENT = Pattern.compile(ROOT + "/ids/globalIds/(\\d+)");
  private static final Pattern REFERENCES =
      Pattern.compile(ROOT + "/ids/globalIds/\\d+/references");
  private static final Pattern ARTIFACTS = Pattern.compile(ROOT + "/groups/[^/]+/artifacts");
  private static final Pattern META = Pattern.compile(ROOT + "/groups/[^/]+/artifacts/(.+)/meta");

  private final Map<Long, Version> versions = new ConcurrentHashMap<>();
  private final AtomicInteger requests = new AtomicInteger();
  private final int port;
  private volatile Mode mode = Mode.WELL;
  private HttpServer server;
  private ExecutorService threads;

  public LocalRegistry() {
    port = LocalPorts.free(1).get(0);
    start();
  }

  public String url() {
    return "http://127.0.0.1:" + port + ROOT;
  }

  /** Number of requests received, answered or not. */
  public int requests() {
    return requests.get();
  }

  public void become(Mode next) {
    mode = next;
  }

  /** Starts it, at the same port each time. */
  public synchronized void start() {
    try {
      server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    threads =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "registry");
              thread.setDaemon(true);
              return thread;
            });
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  /** Stops it: connections are refused from here on. */
  public synchronized void stop() {
    server.stop(0);
    threads.shutdownNow();
  }

  @Override
  public void close() {
    mode = Mode.WELL;
    stop();
  }

  private void answer(HttpExchange exchange) throws IOException {
    requests.incrementAndGet();
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    while (mode == Mode.HUNG && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(10_000_000);
    }
    switch (mode) {
      case UNAVAILABLE -> send(exchange, 503, "text/plain", "no server is available");
      case UNAUTHORIZED -> send(exchange, 401, "application/json", problem(401, "Unauthorized"));
      default -> route(exchange, body);
    }
  }

  private void route(HttpExchange exchange, String body) throws IOException {
    String path = exchange.getRequestURI().getPath();
    boolean isPost = exchange.getRequestMethod().equals("POST");
    Matcher content = CONTENT.matcher(path);
    Matcher meta = META.matcher(path);
    if (!isPost && content.matches()) {
      Version version = versions.get(Long.valueOf(content.group(1)));
      sendOr404(exchange, version == null ? null : version.content());
    } else if (!isPost && REFERENCES.matcher(path).matches()) {
      send(exchange, 200, "application/json", "[]");
    } else if (isPost && ARTIFACTS.matcher(path).matches()) {
      String artifact = exchange.getRequestHeaders().getFirst("X-Registry-ArtifactId");
      sendOr404(exchange, metadata(register(artifact, body)));
    } else if (isPost && meta.matches()) {
      sendOr404(exchange, metadata(find(meta.group(1), body)));
    } else {
      sendOr404(exchange, null);
    }
  }

  private synchronized Version register(String artifact, String content) {
    Version known = find(artifact, content);
    if (known != null) {
      return known;
    }
    Version made = new Version(artifact, versions.size() + 1L, content);
    versions.put(made.globalId(), made);
    return made;
  }

  private Version find(String artifact, String content) {
    return versions.values().stream()
        .filter(each -> each.artifact().equals(artifact) && each.content().equals(content))
        .findFirst()
        .orElse(null);
  }

  /** Ids of the artifacts that were registered. */
  public List<String> artifacts() {
    return versions.values().stream().map(Version::artifact).distinct().sorted().toList();
  }

  private static String metadata(Version version) {
    return version == null
        ? null
        : "{\"groupId\":\"default\",\"id\":\"%s\",\"version\":\"%d\",\"globalId\":%d,\"contentId\":%d}"
            .formatted(
                version.artifact(), version.globalId(), version.globalId(), version.globalId());
  }

  private static String problem(int status, String name) {
    return "{\"error_code\":%d,\"name\":\"%s\",\"message\":\"%s\"}".formatted(status, name, name);
  }

  private static void sendOr404(HttpExchange exchange, String found) throws IOException {
    send(
        exchange,
        found == null ? 404 : 200,
        "application/json",
        found == null ? problem(404, "ArtifactNotFoundException") : found);
  }

  private static void send(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
