package io.exactlyonce.console;

import io.exactlyonce.ops.access.Refused;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.sse.Event;
import io.micronaut.json.JsonMapper;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Streams the samples to viewers of the page, as server-sent events: first one with the whole time
 * line and history, then one a second. A sample is written as JSON once for all viewers, and not at
 * all while there are none; a viewer that reads too slowly misses samples.
 */
@ApiResponse(
    responseCode = "503",
    description = "Refused, and why.",
    content = @Content(schema = @Schema(implementation = Refused.class)))
@Controller("/console/live")
@Requires(bean = Sampler.class)
final class LiveController {
  private static final int MAX_VIEWERS = 20;
  private static final String RETRY_AFTER_SECONDS = "10";

  private final Sampler sampler;
  private final JsonMapper json;
  private final AtomicInteger viewers = new AtomicInteger();
  private final Sinks.Many<String> looks = Sinks.many().multicast().directBestEffort();

  LiveController(Sampler sampler, JsonMapper json) {
    this.sampler = sampler;
    this.json = json;
    sampler.onLook(this::tell, () -> viewers() > 0);
  }

  /** Number of viewers connected. */
  int viewers() {
    return viewers.get();
  }

  /**
   * Streams what the console shows: server-sent events with JSON, one a second. The first is named
   * {@code all} and has the whole time line and history, the others are named {@code look}. At most
   * 20 viewers at a time.
   */
  @ApiResponse(
      responseCode = "200",
      description = "A stream of events.",
      content =
          @Content(mediaType = MediaType.TEXT_EVENT_STREAM, schema = @Schema(type = "string")))
  @Get(
      produces = {MediaType.TEXT_EVENT_STREAM, MediaType.APPLICATION_JSON},
      headRoute = false) // its answer would have no stream, whose end frees the viewer's place
  HttpResponse<?> live() {
    if (viewers.incrementAndGet() > MAX_VIEWERS) {
      viewers.decrementAndGet();
      return HttpResponse.status(HttpStatus.SERVICE_UNAVAILABLE)
          .contentType(MediaType.APPLICATION_JSON_TYPE)
          .header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS)
          .body(new Refused(MAX_VIEWERS + " viewers watch already; close one of them"));
    }
    Flux<Event<String>> first =
        Mono.fromSupplier(sampler::latest).map(this::text).map(text -> event("all", text)).flux();
    return HttpResponse.ok(
            first
                .concatWith(looks.asFlux().map(text -> event("look", text)))
                .doFinally(end -> viewers.decrementAndGet()))
        .contentType(MediaType.TEXT_EVENT_STREAM_TYPE);
  }

  private static Event<String> event(String name, String text) {
    return Event.of(text).name(name);
  }

  private void tell(Live live) {
    if (looks.currentSubscriberCount() > 0) {
      looks.tryEmitNext(text(live));
    }
  }

  private String text(Live live) {
    try {
      return new String(json.writeValueAsBytes(live), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("a look at the pipelines cannot be written as JSON", e);
    }
  }
}
