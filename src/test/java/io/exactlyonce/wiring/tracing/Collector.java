package io.exactlyonce.wiring.tracing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Collector of spans by OTLP over HTTP; a hanging one receives requests and never answers. */
public final class Collector implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> bodies = new CopyOnWriteArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final boolean hangs;

  private Collector(boolean hangs) throws IOException {
    this.hangs = hangs;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/v1/traces", this::take);
    server.start();
  }

  public static Collector start() throws IOException {
    return new Collector(false);
  }

  public static Collector hanging() throws IOException {
    return new Collector(true);
  }

  private void take(HttpExchange exchange) throws IOException {
    bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1));
    try {
      if (hangs) {
        closed.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    exchange.sendResponseHeaders(200, -1);
    exchange.close();
  }

  public String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  public int requests() {
    return bodies.size();
  }

  /** Whether the text occurs in a request. */
  public boolean has(String text) {
    return bodies.stream().anyMatch(body -> body.contains(text));
  }

  /** Whether a span of this trace was received. */
  public boolean hasTrace(String id) {
    return has(new String(HexFormat.of().parseHex(id), StandardCharsets.ISO_8859_1));
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
