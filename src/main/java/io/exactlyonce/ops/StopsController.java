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
 * Decides about records at which a partition is stopped, by {@code on-exhausted: stop}. The
 * instance that has the partition has to be asked. A filter has checked the token before.
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

  /**
   * Result of a decision.
   *
   * @param decided positions of the records
   * @param trouble what is wrong with the request; null where nothing is
   */
  @Serdeable
  record Answer(List<String> decided, @Nullable String trouble) {}

  /**
   * Body of a decision.
   *
   * @param why the reason, which is written in the receipt; {@code skip} and {@code dead-letter}
   *     need one
   */
  @Serdeable
  record Reason(@Nullable String why) {}

  /**
   * Retries all stops of the pipeline on this instance: the handler is called again for each record
   * at which a partition is stopped.
   */
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
    } catch (NoSuchElementException e) { // decided by another request meanwhile
      return;
    }
  }

  /**
   * Decides about a record at which a partition of this instance is stopped: {@code retry} calls
   * the handler again, {@code skip} passes it, {@code dead-letter} writes it to the dead letters.
   *
   * @param position {@code topic-partition@offset}
   * @param verb {@code retry}, {@code skip} or {@code dead-letter}
   * @param reason written in the receipt; {@code skip} and {@code dead-letter} need one
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
