package io.exactlyonce.wiring;

import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import io.exactlyonce.handler.Output;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * Process with a pipeline whose handler makes two calls of an HTTP server: a plain one, by which
 * its runs are counted, and one as an effect.
 *
 * <p>Arguments: name, bootstrap servers, Redis URI, the server's address, then {@code key=value}
 * settings, {@code sinks} among them.
 */
public final class ChargeWorker {
  private ChargeWorker() {}

  public static void main(String[] args) throws InterruptedException {
    Map<String, String> settings = new HashMap<>();
    Arrays.stream(args)
        .skip(4)
        .forEach(
            s -> settings.put(s.substring(0, s.indexOf('=')), s.substring(s.indexOf('=') + 1)));
    HttpClient http = HttpClient.newHttpClient();
    String sink = settings.get("sinks");
    Handler<String> charge =
        event -> {
          call(http, args[3] + "/run", event);
          String receipt =
              event.effects().once("charge", () -> call(http, args[3] + "/charge", event));
          return Outcome.emit(Output.to(sink, event.key(), event.value() + "=" + receipt));
        };
    TestPipeline pipeline = TestPipeline.start(args[0], settings, charge, args[1], args[2]);
    Runtime.getRuntime().addShutdownHook(new Thread(pipeline::close));
    new CountDownLatch(1).await();
  }

  private static String call(HttpClient http, String address, Event<String> event)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(address))
            .header("Idempotency-Key", event.idempotencyKey())
            .POST(HttpRequest.BodyPublishers.noBody())
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }
}
