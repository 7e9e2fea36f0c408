package io.exactlyonce.ops;

import io.exactlyonce.admin.Job;
import io.exactlyonce.admin.Jobs;
import io.exactlyonce.config.value.GuardChoice;
import io.exactlyonce.deadletter.Replay;
import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.ops.access.Refused;
import io.exactlyonce.ops.access.Sender;
import io.exactlyonce.wiring.Pipelines;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Starts replays, audits and rebuilds of the claims as jobs, and shows jobs with their progress;
 * {@link RewindController} starts rewinds. A filter has checked the token before.
 */
@ApiResponse(
    responseCode = "4XX",
    description = "Refused, and why.",
    content = @Content(schema = @Schema(implementation = Refused.class)))
@Controller("/pipelines/{name}")
final class JobsController {
  private static final String RETRY_AFTER_SECONDS = "5";

  private final Named named;
  private final Pipelines pipelines;
  private final Jobs jobs;

  JobsController(Named named, Pipelines pipelines, Jobs jobs) {
    this.named = named;
    this.pipelines = pipelines;
    this.jobs = jobs;
  }

  /**
   * State of a job.
   *
   * @param kind {@code replay}, {@code replay-preview}, {@code audit}, {@code rebuild-guard},
   *     {@code rewind} or {@code rewind-preview}
   * @param who the operator who started it, by the name of the token
   * @param state {@code RUNNING}, {@code DONE} or {@code FAILED}
   * @param progress how far it is, from 0: records read by an audit, letters of a replay, offsets
   *     of a rewind, claims of a rebuild
   * @param endedAt null while it runs
   * @param result null unless it is done, or if no admin token was sent: it names events
   * @param trouble why it failed; null where it did not, or if no admin token was sent
   */
  @Serdeable
  record View(
      long id,
      String kind,
      String who,
      Instant startedAt,
      String state,
      long progress,
      @Nullable Instant endedAt,
      @Nullable Map<String, Object> result,
      @Nullable String trouble) {
    static View of(Job job, boolean isKnown) {
      Job.Outcome outcome = job.outcome();
      return new View(
          job.id(),
          job.kind(),
          job.who(),
          job.startedAt(),
          outcome.state().name(),
          job.progress(),
          outcome.endedAt(),
          isKnown ? outcome.result() : null,
          outcome.trouble().isEmpty() || !isKnown ? null : outcome.trouble());
    }
  }

  /**
   * Lists the jobs of the pipeline that this instance remembers, the newest first. It remembers the
   * last twenty of all pipelines, until the process ends. Results are shown with an admin token
   * only.
   */
  @ApiResponse(
      responseCode = "200",
      description = "Jobs.",
      content = @Content(array = @ArraySchema(schema = @Schema(implementation = View.class))))
  @Get("/jobs")
  HttpResponse<?> all(String name, HttpRequest<?> request) {
    return named
        .find(name)
        .<HttpResponse<?>>map(
            pipeline ->
                HttpResponse.ok(
                    jobs.of(name).stream().map(job -> View.of(job, isKnown(request))).toList()))
        .orElseGet(() -> named.unknown(name));
  }

  /**
   * Shows one job of this instance, with its progress. Its result is shown with an admin token
   * only.
   */
  @ApiResponse(
      responseCode = "200",
      description = "The job.",
      content = @Content(schema = @Schema(implementation = View.class)))
  @Get("/jobs/{id}")
  HttpResponse<?> one(String name, long id, HttpRequest<?> request) {
    return jobs.find(name, id)
        .<HttpResponse<?>>map(job -> HttpResponse.ok(View.of(job, isKnown(request))))
        .orElseGet(
            () ->
                Named.problem(
                    HttpStatus.NOT_FOUND,
                    "id: there is no such job of this pipeline here; each instance knows its own"));
  }

  /**
   * Starts a job that writes dead letters back to their source topics, each once; by default it is
   * a dry run, which only lists them.
   */
  @ApiResponse(
      responseCode = "202",
      description = "The job that does it.",
      content = @Content(schema = @Schema(implementation = View.class)))
  @Post("/replays")
  HttpResponse<?> replay(String name, @Nullable @Body ReplayWanted wanted, HttpRequest<?> request) {
    Optional<Pipeline> found = named.find(name);
    if (found.isEmpty()) {
      return named.unknown(name);
    }
    ReplayWanted asked = wanted == null ? ReplayWanted.NOTHING : wanted;
    try {
      Replay.Mode mode = asked.mode();
      return start(
          name,
          mode == Replay.Mode.DRY_RUN ? "replay-preview" : "replay",
          request,
          new ReplayJob(
              named.maintenance(found.get()), asked.filter(Clock.systemUTC()), mode, asked.most()));
    } catch (IllegalArgumentException e) {
      return Named.problem(HttpStatus.BAD_REQUEST, String.valueOf(e.getMessage()));
    }
  }

  /** Starts a job that audits what the pipeline wrote against all of its receipts. */
  @ApiResponse(
      responseCode = "202",
      description = "The job that does it.",
      content = @Content(schema = @Schema(implementation = View.class)))
  @Post("/audits")
  HttpResponse<?> audit(String name, HttpRequest<?> request) {
    return named
        .find(name)
        .<HttpResponse<?>>map(
            pipeline -> start(name, "audit", request, new AuditJob(named.maintenance(pipeline))))
        .orElseGet(() -> named.unknown(name));
  }

  /**
   * Starts a job that rebuilds the claims in Redis from the log, whether or not Redis has them. All
   * instances wait for it meanwhile.
   */
  @ApiResponse(
      responseCode = "202",
      description = "The job that does it.",
      content = @Content(schema = @Schema(implementation = View.class)))
  @Post("/guard/rebuild")
  HttpResponse<?> rebuild(String name, HttpRequest<?> request) {
    Optional<Pipeline> found = named.find(name);
    if (found.isEmpty()) {
      return named.unknown(name);
    }
    if (found.get().config().guard().store() == GuardChoice.OFF) {
      return Named.problem(
          HttpStatus.CONFLICT, "guard.store: is off, so there are no claims to rebuild");
    }
    return start(
        name,
        "rebuild-guard",
        request,
        progress -> {
          var rebuilt = pipelines.rebuildGuard(name, progress::set);
          return Map.of("claims", rebuilt.claims(), "missing", List.copyOf(rebuilt.missing()));
        });
  }

  private HttpResponse<?> start(String name, String kind, HttpRequest<?> request, Job.Work work) {
    return started(name, jobs.start(name, kind, Sender.who(request), work));
  }

  /**
   * The answer to a request for a job.
   *
   * @param job the job; empty where it may not run at present
   */
  static HttpResponse<?> started(String name, Optional<Job> job) {
    return job.<HttpResponse<?>>map(started -> HttpResponse.accepted().body(View.of(started, true)))
        .orElseGet(
            () ->
                Named.problem(
                        HttpStatus.CONFLICT,
                        "a job of this pipeline runs (see GET /pipelines/"
                            + name
                            + "/jobs), or two of other pipelines, the most at a time; send the"
                            + " request again when one has ended")
                    .header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS));
  }

  private static boolean isKnown(HttpRequest<?> request) {
    return Sender.admin(request).isPresent();
  }
}
