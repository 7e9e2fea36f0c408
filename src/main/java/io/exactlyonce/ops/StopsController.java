package io.exactlyonce.ops;

import io.exactlyonce.engine.Decision;
import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.engine.Stop;
import io.exactlyonce.wiring.Pipelines;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * The way on for a partition that stands at a record, by {@code on-exhausted: stop}. It has to be
 * asked of the instance that has the partition.
 */
@Controller("/pipelines/{name}/stops")
final class StopsController {
  private final Pipelines pipelines;

  StopsController(Pipelines pipelines) {
    this.pipelines = pipelines;
  }

  /** What was decided, or what was wrong with the request. */
  @Serdeable
  record Answer(List<String> decided, @Nullable String trouble) {}

  /** The handler is called again for every record at which a partition stands. */
  @Post("/retry")
  HttpResponse<Answer> retryAll(String name) {
    Pipeline pipeline = find(name);
    if (pipeline == null) {
      return unknown(name);
    }
    List<String> positions = pipeline.status().stops().stream().map(Stop::position).toList();
    positions.forEach(position -> retry(pipeline, position));
    return HttpResponse.ok(new Answer(positions, null));
  }

  private static void retry(Pipeline pipeline, String position) {
    try {
      pipeline.decide(position, new Decision(Decision.Verb.RETRY, ""));
    } catch (NoSuchElementException e) { // somebody else decided meanwhile
      return;
    }
  }

  /**
   * @param position {@code topic-partition@offset}
   * @param verb {@code retry}, {@code skip} or {@code dead-letter}
   * @param why goes into the receipt
   */
  @Post("/{position}/{verb}")
  HttpResponse<Answer> decide(
      String name, String position, String verb, @QueryValue(defaultValue = "") String why) {
    Pipeline pipeline = find(name);
    if (pipeline == null) {
      return unknown(name);
    }
    for (Decision.Verb candidate : Decision.Verb.values()) {
      if (candidate.text().equals(verb)) {
        return decide(pipeline, position, new Decision(candidate, why));
      }
    }
    return HttpResponse.badRequest(
        new Answer(List.of(), verb + " is none of: retry, skip, dead-letter"));
  }

  private static HttpResponse<Answer> decide(
      Pipeline pipeline, String position, Decision decision) {
    try {
      pipeline.decide(position, decision);
      return HttpResponse.ok(new Answer(List.of(position), null));
    } catch (NoSuchElementException e) {
      return HttpResponse.notFound(new Answer(List.of(), e.getMessage()));
    }
  }

  private Pipeline find(String name) {
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
