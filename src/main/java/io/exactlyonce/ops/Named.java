package io.exactlyonce.ops;

import io.exactlyonce.admin.Jobs;
import io.exactlyonce.admin.Maintenance;
import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.ops.access.Refused;
import io.exactlyonce.ops.access.RequestText;
import io.exactlyonce.wiring.EventIdPlaces;
import io.exactlyonce.wiring.Pipelines;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MutableHttpResponse;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/**
 * Looks pipelines of this instance up by the name in the path of a request, and makes answers for
 * wrong requests.
 */
@Singleton
final class Named {
  private final Pipelines pipelines;

  Named(Pipelines pipelines) {
    this.pipelines = pipelines;
  }

  Optional<Pipeline> find(String name) {
    return pipelines.all().stream()
        .filter(pipeline -> pipeline.config().name().equals(name))
        .findFirst();
  }

  /** Maintenance of the pipeline. */
  Maintenance maintenance(Pipeline pipeline) {
    String name = pipeline.config().name();
    return new Maintenance(
        pipelines.clients(name).orElseThrow(),
        EventIdPlaces.of(
            pipeline.config().key("guard.event-id"), pipeline.config().guard().eventId()),
        Clock.systemUTC());
  }

  MutableHttpResponse<Refused> unknown(String name) {
    List<String> names = pipelines.all().stream().map(p -> p.config().name()).toList();
    return problem(
        HttpStatus.NOT_FOUND,
        "there is no pipeline " + RequestText.printable(name) + "; there are " + names);
  }

  static MutableHttpResponse<Refused> problem(HttpStatus status, String text) {
    return HttpResponse.<Refused>status(status).body(new Refused(text));
  }

  static MutableHttpResponse<Refused> wrong(String field, String why) {
    return problem(HttpStatus.BAD_REQUEST, field + ": " + why);
  }

  /** Makes the one {@link Jobs} of the process, which bounds the jobs of all pipelines together. */
  @Factory
  static final class Parts {
    @Bean
    @Singleton
    Jobs jobs() {
      return new Jobs(Clock.systemUTC());
    }
  }
}
