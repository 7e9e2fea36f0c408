package io.exactlyonce.ops;

import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.engine.status.OperatorDecision;
import io.exactlyonce.engine.status.StoppedPartition;
import io.exactlyonce.ops.access.Refused;
import io.exactlyonce.ops.access.Sender;
import io.exactlyonce.wiring.Pipelines;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The way on for a partition that stands at a record, by {@code on-exhausted: stop}. It has to be
 * asked of the instance that has the partition. Access is checked before all of it.
 */
@ApiResponse(
    responseCode = "4XX",
    description = "Refused, and why.",
    content = @Content(schema = @Schema(implementation = Refused.class)))
@Controller("/pipelines/{name}/stops")
final class StopsController {
  private final Pipelines pipelines;

  StopsController(Pipelines pipelines) {
    this.pipelines = pipelines;
  }

  /** What was decided, or what was wrong with the request. */
  @Serdeable
  record Answer(List<String> decided, @Nullable String trouble) {}

  /** The body of a decision. */
  @Serdeable
  record Reason(@Nullable String why) {}

  /** The handler is called again for every record at which a partition stands. */
  @ApiResponse(
      responseCode = "200",
      description = "What was decided.",
      content = @Content(schema = @Schema(implementation = Answer.class)))
  @Post("/retry")
  HttpResponse<Answer> retryAll(String name, HttpRequest<?> request) {
    Pipeline pipeline = find(name);
    if (pipeline == null) {
      return unknown(name);
    }
    List<String> positions =
        pipeline.status().stops().stream().map(StoppedPartition::position).toList();
    positions.forEach(position -> retry(pipeline, position, Sender.who(request)));
    return HttpResponse.ok(new Answer(positions, null));
  }

  private static void retry(Pipeline pipeline, String position, String who) {
    try {
      pipeline.decide(position, new OperatorDecision(OperatorDecision.Verb.RETRY, "", who));
    } catch (NoSuchElementException e) { // somebody else decided meanwhile
      return;
    }
  }

  /**
   * Decides about a record at which a partition stands.
   *
   * @param position {@code topic-partition@offset}
   * @param verb {@code retry}, {@code skip} or {@code dead-letter}
   * @param reason goes into the receipt; the last two need one
   */
  @ApiResponse(
      responseCode = "200",
      description = "What was decided.",
      content = @Content(schema = @Schema(implementation = Answer.class)))
  @Post("/{position}/{verb}")
  HttpResponse<Answer> decide(
      String name,
      String position,
      String verb,
      @Nullable @Body Reason reason,
      HttpRequest<?> request) {
    Pipeline pipeline = find(name);
    if (pipeline == null) {
      return unknown(name);
    }
    String why = reason == null || reason.why() == null ? "" : reason.why().strip();
    for (OperatorDecision.Verb candidate : OperatorDecision.Verb.values()) {
      if (candidate.text().equals(verb)) {
        return decide(
            pipeline, position, new OperatorDecision(candidate, why, Sender.who(request)));
      }
    }
    return wrong("verb: " + verb + " is none of: retry, skip, dead-letter");
  }

  private static HttpResponse<Answer> decide(
      Pipeline pipeline, String position, OperatorDecision decision) {
    if (decision.verb() != OperatorDecision.Verb.RETRY && decision.why().isEmpty()) {
      return wrong(
          "why: is missing; send {\"why\":\"...\"}, which the receipt and the audit repeat");
    }
    try {
      pipeline.decide(position, decision);
      return HttpResponse.ok(new Answer(List.of(position), null));
    } catch (NoSuchElementException e) {
      return HttpResponse.notFound(new Answer(List.of(), e.getMessage()));
    }
  }

  private static HttpResponse<Answer> wrong(String trouble) {
    return HttpResponse.badRequest(new Answer(List.of(), trouble));
  }

  private @Nullable Pipeline find(String name) {
    return pipelines.all().stream()
        .filter(pipeline -> pipeline.status().name().equals(name))
        .findFirst()
        .orElse(null);
  }

  private HttpResponse<Answer> unknown(String name) {
    List<String> names = pipelines.all().stream().map(p -> p.status().name()).toList();
    return HttpResponse.notFound(
        new Answer(List.of(), "there is no pipeline " + name + "; there are " + names));
  }
}
