package io.exactlyonce.relay;

import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import java.util.concurrent.CompletableFuture;

/**
 * Endpoints of an application that change something. They exist where the property {@code ingest}
 * is set.
 */
@Controller("/ingest")
@Requires(property = "ingest")
@Consumes(MediaType.ALL)
public class Ingest {
  @Post("/taken")
  HttpResponse<?> take(@Body String body) {
    return HttpResponse.accepted();
  }

  /** A request without a response, as while a broker does not answer. */
  @Post("/held")
  CompletableFuture<HttpResponse<?>> hold(@Body String body) {
    return new CompletableFuture<>();
  }
}
