package io.exactlyonce.ops;

import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.engine.status.WorkerStatus;
import io.exactlyonce.ops.access.Refused;
import io.exactlyonce.ops.access.Sender;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Shows the stacks of the threads of a worker, such as what a hanging handler waits for. It needs
 * an admin token. Stacks are frames only, without values. Handler threads belong to the pipeline
 * and not to a worker, so all of them are shown; virtual threads are not, since {@link
 * Thread#getAllStackTraces} does not list them.
 */
@ApiResponse(
    responseCode = "4XX",
    description = "Refused, and why.",
    content = @Content(schema = @Schema(implementation = Refused.class)))
@Controller("/pipelines/{name}/workers/{worker}/stack")
final class StackController {
  private static final int MAX_THREADS = 64;
  private static final int MAX_FRAMES = 100;

  private final Named named;

  StackController(Named named) {
    this.named = named;
  }

  /** Threads of one worker, and handler threads of its pipeline; at most 64. */
  @Serdeable
  record Stacks(String worker, List<OfThread> threads) {}

  /**
   * Stack of a thread.
   *
   * @param state such as {@code RUNNABLE} or {@code TIMED_WAITING}
   * @param frames the innermost first; at most 100
   */
  @Serdeable
  record OfThread(String thread, String state, List<String> frames) {}

  /**
   * Shows the stacks of a worker's threads and of the pipeline's handler threads: frames only, no
   * values. Needs an admin token.
   */
  @ApiResponse(
      responseCode = "200",
      description = "The threads.",
      content = @Content(schema = @Schema(implementation = Stacks.class)))
  @Get
  HttpResponse<?> stack(String name, String worker, HttpRequest<?> request) {
    Optional<Pipeline> pipeline = named.find(name);
    if (pipeline.isEmpty()) {
      return named.unknown(name);
    }
    if (Sender.admin(request).isEmpty()) {
      return Named.problem(HttpStatus.UNAUTHORIZED, "send " + Sender.HOW_TO_BE_KNOWN)
          .header(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
    }
    List<String> ids =
        pipeline.get().status().workers().stream().map(WorkerStatus::worker).toList();
    if (!ids.contains(worker)) {
      return Named.problem(
          HttpStatus.NOT_FOUND, "worker: there is none of this id here; there are " + ids);
    }
    List<String> names = List.of(worker, worker + "-committer", name + "-handler");
    return HttpResponse.ok(
        new Stacks(
            worker,
            Thread.getAllStackTraces().entrySet().stream()
                .filter(entry -> names.contains(entry.getKey().getName()))
                .limit(MAX_THREADS)
                .map(StackController::view)
                .toList()));
  }

  private static OfThread view(Map.Entry<Thread, StackTraceElement[]> entry) {
    return new OfThread(
        entry.getKey().getName(),
        entry.getKey().getState().name(),
        Stream.of(entry.getValue()).limit(MAX_FRAMES).map(StackTraceElement::toString).toList());
  }
}
