package io.exactlyonce.relay;

import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import java.util.concurrent.CompletableFuture;

/** An application's own endpoints that change something, where the property {@code ingest} is. */
@Controller("/ingest")
@Requires(property = "ingest")
@Consumes(MediaType.ALL)
public class Ingest {
  @Post("/taken")
  HttpResponse<?> take(@Body String body) {
    return HttpResponse.accepted();
  }

  /** As while it waits for a broker that does not answer. */
  @Post("/held")
  CompletableFuture<HttpResponse<?>> hold(@Body String body) {
    return new CompletableFuture<>();
  }
}
