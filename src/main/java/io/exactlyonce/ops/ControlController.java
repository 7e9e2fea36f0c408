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
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Pauses and resumes a pipeline of this instance, sets the number of its workers and of their
 * handler calls at once, and restarts a worker. All of it is kept in memory only, and ends with the
 * process. A filter has checked the token before.
 */
@ApiResponse(
    responseCode = "4XX",
    description = "Refused, and why.",
    content = @Content(schema = @Schema(implementation = Refused.class)))
@Controller("/pipelines/{name}")
final class ControlController {
  /** As for the setting {@code concurrency}. */
  private static final int MAX_CONCURRENCY = 10_000;

  private final Named named;

  ControlController(Named named) {
    this.named = named;
  }

  /**
   * State of the pipeline after the request.
   *
   * @param pausedBy name of the operator who paused it; null where it is not paused
   * @param pausedSince when it was paused; null where it is not paused
   * @param workers number of workers that this instance should run
   * @param concurrency handler calls at once that each of them may make
   */
  @Serdeable
  record Answer(
      String pipeline,
      @Nullable String pausedBy,
      @Nullable Instant pausedSince,
      int workers,
      int concurrency) {
    static Answer of(Pipeline pipeline) {
      Optional<OperatorControls.Pause> paused = pipeline.controls().paused();
      return new Answer(
          pipeline.config().name(),
          paused.map(OperatorControls.Pause::who).orElse(null),
          paused.map(OperatorControls.Pause::since).orElse(null),
          pipeline.wantedWorkers(),
          pipeline.wantedConcurrency());
    }
  }

  /**
   * Body of a request to scale, with one of the two at least.
   *
   * @param workers number of workers of this instance, a whole number
   * @param concurrency handler calls at once of each worker, a whole number
   */
  @Serdeable
  record Wanted(
      @Schema(type = "integer", minimum = "1", maximum = "256") @Nullable Object workers,
      @Schema(type = "integer", minimum = "1", maximum = "10000") @Nullable Object concurrency) {}

  /**
   * Pauses the pipeline on this instance. No records are read until it is resumed or the process
   * ends; records that were read before are handled and committed.
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

  /** Resumes the pipeline on this instance; does nothing where it is not paused. */
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

  /**
   * Sets the number of workers of this instance, the handler calls at once of each worker, or both,
   * until the process ends or they are scaled again. A number that is wrong changes nothing.
   */
  @ApiResponse(
      responseCode = "200",
      description = "How it stands.",
      content = @Content(schema = @Schema(implementation = Answer.class)))
  @Post("/scale")
  HttpResponse<?> scale(String name, @Nullable @Body Wanted wanted) {
    return with(name, pipeline -> scale(pipeline, wanted));
  }

  private static HttpResponse<?> scale(Pipeline pipeline, @Nullable Wanted wanted) {
    Object workers = wanted == null ? null : wanted.workers();
    Object concurrency = wanted == null ? null : wanted.concurrency();
    if (workers == null && concurrency == null) {
      return Named.wrong(
          "workers",
          "is missing, and so is concurrency; send {\"workers\":4} or {\"concurrency\":16}");
    }
    // Declared as Object, so that the answer to another type can name the field.
    if (workers != null && !(workers instanceof Integer)) {
      return Named.wrong("workers", "is no whole number; send {\"workers\":4}");
    }
    if (concurrency != null && !(concurrency instanceof Integer)) {
      return Named.wrong("concurrency", "is no whole number; send {\"concurrency\":16}");
    }
    return scale(pipeline, (Integer) workers, (Integer) concurrency);
  }

  private static HttpResponse<?> scale(
      Pipeline pipeline, @Nullable Integer workers, @Nullable Integer concurrency) {
    // Checked before the first of the two is changed.
    if (concurrency != null && (concurrency < 1 || concurrency > MAX_CONCURRENCY)) {
      return Named.wrong("concurrency", "must be from 1 to " + MAX_CONCURRENCY);
    }
    try {
      if (workers != null) {
        pipeline.scale(workers);
      }
    } catch (IllegalArgumentException e) {
      return Named.wrong("workers", String.valueOf(e.getMessage()));
    }
    if (concurrency != null) {
      pipeline.scaleConcurrency(concurrency);
    }
    return HttpResponse.ok(Answer.of(pipeline));
  }

  /**
   * Restarts a worker of this instance. It commits what it has finished and ends, then another one
   * starts in its place.
   */
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
