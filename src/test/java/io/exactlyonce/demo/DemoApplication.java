package io.exactlyonce.demo;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.exactlyonce.local.ChildJvm;
import io.exactlyonce.local.ChildProcess;
import io.exactlyonce.local.LocalKafka;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The application in a JVM of its own, as it runs elsewhere, and its counters. */
final class DemoApplication implements AutoCloseable {
  private static final String MAIN = "io.exactlyonce.cli.Main";
  private static final Duration STOP_BOUND = Duration.ofSeconds(25);
  private static final JsonFactory JSON = new JsonFactory();

  private final ChildProcess process;
  private final URI address;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

  private DemoApplication(ChildProcess process, URI address) {
    this.process = process;
    this.address = address;
  }

  /**
   * @param address at which it is to listen
   * @param token allows acting in the console
   */
  static DemoApplication start(Path dir, DemoBackends backends, URI address, String token)
      throws IOException {
    return start(dir, backends, address, token, "application", List.of(), MAIN, List.of("serve"));
  }

  /**
   * Starts it with the sample's pipeline and the demo's own.
   *
   * @param instance its id
   * @param log name of its log
   */
  static DemoApplication startPayments(
      Path dir, DemoBackends backends, URI address, String token, String instance, String log)
      throws IOException {
    List<String> more = new ArrayList<>(DemoServe.options());
    more.add("-Dpipelines.payments.instance-id=" + instance);
    more.add("-Dpipelines.deliveries.instance-id=" + instance);
    return start(dir, backends, address, token, log, more, DemoServe.class.getName(), List.of());
  }

  private static DemoApplication start(
      Path dir,
      DemoBackends backends,
      URI address,
      String token,
      String log,
      List<String> more,
      String main,
      List<String> arguments)
      throws IOException {
    List<String> options = new ArrayList<>(LocalKafka.FAST_START);
    options.add("-Dkafka.bootstrap.servers=" + backends.kafka().bootstrapServers());
    options.add("-Dredis.uri=" + backends.redis().uri());
    options.add("-Dmicronaut.server.port=" + address.getPort());
    options.add("-Dpipeline.admin.token=" + token);
    options.addAll(more);
    ChildProcess process = ChildJvm.start(dir, log, options, main, arguments);
    return new DemoApplication(process, address);
  }

  URI address() {
    return address;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Sends SIGKILL: nothing of it is closed or committed. */
  void kill() {
    process.kill();
  }

  /** The counters of one pipeline; empty while the application is not up. */
  Map<String, Long> counts(String pipeline) throws InterruptedException {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(address.resolve("/pipelines"))
              .timeout(Duration.ofSeconds(2))
              .build();
      return numbers(http.send(request, HttpResponse.BodyHandlers.ofByteArray()).body(), pipeline);
    } catch (IOException e) {
      return Map.of(); // not up yet, or on its way down
    }
  }

  private static Map<String, Long> numbers(byte[] json, String wanted) throws IOException {
    Map<String, Long> numbers = new HashMap<>();
    String pipeline = "";
    try (JsonParser parser = JSON.createParser(json)) {
      while (parser.nextToken() != null) {
        if (parser.currentToken() == JsonToken.VALUE_STRING
            && "name".equals(parser.currentName())) {
          pipeline = parser.getText();
        }
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT && pipeline.equals(wanted)) {
          numbers.put(parser.currentName(), parser.getLongValue());
        }
      }
    }
    return numbers;
  }

  /** Sends SIGTERM, and waits for a clean stop. */
  @Override
  public void close() {
    process.terminate(STOP_BOUND);
  }

  /** An address of this machine at which nothing listens. */
  static URI freeAddress() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }
  }
}
