package io.exactlyonce.ops;

import io.exactlyonce.admin.Jobs;
import io.exactlyonce.admin.Maintenance;
import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.ops.access.Refused;
import io.exactlyonce.ops.access.Sender;
import io.exactlyonce.receipt.Rewind;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * Sets the offsets of a pipeline's group back, as a job. The group has to be stopped for it: the
 * workers of this instance leave it meanwhile, and where other instances have members the request
 * is refused. A filter has checked the token before.
 */
@ApiResponse(
    responseCode = "4XX",
    description = "Refused, and why.",
    content = @Content(schema = @Schema(implementation = Refused.class)))
@Controller("/pipelines/{name}/rewinds")
final class RewindController {
  private static final String RETRY_AFTER_SECONDS = "2";

  private final Named named;
  private final Jobs jobs;
  private final Clock clock = Clock.systemUTC();

  RewindController(Named named, Jobs jobs) {
    this.named = named;
    this.jobs = jobs;
  }

  /**
   * Starts a job that moves the offsets of the group back, so that records are processed again. By
   * default it is a dry run, which only reports the moves and the members of other instances.
   * Otherwise the workers of this instance leave the group meanwhile, and where other instances
   * have members it is refused (409). Needs exactly one of {@code to}, {@code time} and {@code
   * beginning}.
   */
  @ApiResponse(
      responseCode = "202",
      description = "The job that does it.",
      content = @Content(schema = @Schema(implementation = JobsController.View.class)))
  @Post
  @ExecuteOn(TaskExecutors.BLOCKING) // it asks Kafka who the group's members are
  HttpResponse<?> rewind(String name, @Nullable @Body RewindWanted wanted, HttpRequest<?> request) {
    Optional<Pipeline> found = named.find(name);
    if (found.isEmpty()) {
      return named.unknown(name);
    }
    RewindWanted asked = wanted == null ? RewindWanted.NOTHING : wanted;
    try {
      Rewind.Target target = asked.target(clock);
      String because = asked.because();
      return start(found.get(), target, because, asked.isDryRun(), Sender.who(request));
    } catch (IllegalArgumentException e) {
      return Named.problem(HttpStatus.BAD_REQUEST, String.valueOf(e.getMessage()));
    } catch (KafkaException e) {
      return Named.problem(HttpStatus.SERVICE_UNAVAILABLE, "Kafka: " + e.getMessage())
          .header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
    }
  }

  private HttpResponse<?> start(
      Pipeline pipeline, Rewind.Target target, String because, boolean isDryRun, String who) {
    String name = pipeline.config().name();
    Maintenance maintenance = named.maintenance(pipeline);
    if (isDryRun) {
      return JobsController.started(
          name,
          jobs.start(
              name, "rewind-preview", who, new RewindJob.Preview(pipeline, maintenance, target)));
    }
    Set<String> inTheWay = RewindJob.inTheWay(pipeline, maintenance);
    if (!inTheWay.isEmpty()) {
      return Named.problem(
          HttpStatus.CONFLICT,
          "group "
              + pipeline.config().group()
              + " has members "
              + inTheWay
              + " that are not of this instance; stop those instances and send it again");
    }
    return JobsController.started(
        name,
        jobs.start(
            name,
            "rewind",
            who,
            new RewindJob(pipeline, maintenance, target, because, who, clock)));
  }
}
