package io.exactlyonce.ops;

import io.exactlyonce.engine.OperatorControls;
import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.engine.status.WorkerStatus;
import io.exactlyonce.ops.access.Refused;
import io.exactlyonce.ops.access.Sender;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.media.Schema.RequiredMode;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Pauses a pipeline of this instance, lets it go on, sets the number of its workers and replaces
 * one. None of it outlives the process. Access is checked before all of it.
 */
@ApiResponse(
    responseCode = "4XX",
    description = "Refused, and why.",
    content = @Content(schema = @Schema(implementation = Refused.class)))
@Controller("/pipelines/{name}")
final class ControlController {
  private final Named named;

  ControlController(Named named) {
    this.named = named;
  }

  /**
   * How the pipeline stands after it.
   *
   * @param pausedBy null where it is not paused; {@code pausedSince} likewise
   * @param workers so many are wanted
   */
  @Serdeable
  record Answer(
      String pipeline, @Nullable String pausedBy, @Nullable Instant pausedSince, int workers) {
    static Answer of(Pipeline pipeline) {
      return pipeline
          .controls()
          .paused()
          .map(
              pause ->
                  new Answer(
                      pipeline.config().name(),
                      pause.who(),
                      pause.since(),
                      pipeline.wantedWorkers()))
          .orElseGet(
              () -> new Answer(pipeline.config().name(), null, null, pipeline.wantedWorkers()));
    }
  }

  /**
   * The body of a request to scale.
   *
   * @param workers of whatever type, so that the answer to a wrong one names the field
   */
  @Serdeable
  record Wanted(
      @Schema(
              type = "integer",
              minimum = "1",
              maximum = "256",
              requiredMode = RequiredMode.REQUIRED)
          @Nullable Object workers) {}

  /**
   * Nothing is taken in until it is resumed or the process ends. What was read before is handled
   * and committed.
   */
  @ApiResponse(
      responseCode = "200",
      description = "How it stands.",
      content = @Content(schema = @Schema(implementation = Answer.class)))
  @Post("/pause")
  HttpResponse<?> pause(String name, HttpRequest<?> request) {
    return with(
        name,
        pipeline -> {
          pipeline.controls().pause(Sender.who(request), Instant.now());
          return HttpResponse.ok(Answer.of(pipeline));
        });
  }

  /** The pipeline takes records in again. */
  @ApiResponse(
      responseCode = "200",
      description = "How it stands.",
      content = @Content(schema = @Schema(implementation = Answer.class)))
  @Post("/resume")
  HttpResponse<?> resume(String name) {
    return with(
        name,
        pipeline -> {
          pipeline.controls().resume();
          return HttpResponse.ok(Answer.of(pipeline));
        });
  }

  /** The number of this instance's workers, until the next restart or the next scaling. */
  @ApiResponse(
      responseCode = "200",
      description = "How it stands.",
      content = @Content(schema = @Schema(implementation = Answer.class)))
  @Post("/scale")
  HttpResponse<?> scale(String name, @Nullable @Body Wanted wanted) {
    return with(
        name,
        pipeline -> {
          if (wanted == null || !(wanted.workers() instanceof Integer workers)) {
            return Named.wrong("workers", "is missing or no whole number; send {\"workers\":4}");
          }
          try {
            pipeline.scale(workers);
          } catch (IllegalArgumentException e) {
            return Named.wrong("workers", String.valueOf(e.getMessage()));
          }
          return HttpResponse.ok(Answer.of(pipeline));
        });
  }

  /** Another worker follows this one, which commits what it has finished and ends first. */
  @ApiResponse(
      responseCode = "202",
      description = "It is asked to end.",
      content = @Content(schema = @Schema(implementation = Answer.class)))
  @Post("/workers/{worker}/restart")
  HttpResponse<?> restart(String name, String worker) {
    return with(
        name,
        pipeline -> {
          List<String> ids =
              pipeline.status().workers().stream().map(WorkerStatus::worker).toList();
          if (!ids.contains(worker)) {
            return Named.problem(
                HttpStatus.NOT_FOUND, "worker: there is none of this id here; there are " + ids);
          }
          OperatorControls controls = pipeline.controls();
          controls.restart(worker);
          return HttpResponse.accepted().body(Answer.of(pipeline));
        });
  }

  private HttpResponse<?> with(String name, Function<Pipeline, HttpResponse<?>> act) {
    return named.find(name).map(act).orElseGet(() -> named.unknown(name));
  }
}
