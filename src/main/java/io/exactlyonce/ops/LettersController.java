package io.exactlyonce.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.exactlyonce.deadletter.LetterLook;
import io.exactlyonce.deadletter.SeenLetter;
import io.exactlyonce.ops.access.Refused;
import io.exactlyonce.ops.access.Sender;
import io.exactlyonce.wiring.Pipelines;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * Lists the newest dead letters of a pipeline. Where, when and why is shown to whoever may read;
 * the message and the stack of an exception may contain more than their author meant to show, and
 * need an admin token.
 */
@ApiResponse(
    responseCode = "4XX",
    description = "Refused, and why.",
    content = @Content(schema = @Schema(implementation = Refused.class)))
@Controller("/pipelines/{name}/letters")
final class LettersController {
  private static final String RETRY_AFTER_SECONDS = "2";
  private static final String HIDDEN =
      "message and stack are shown to whoever sends " + Sender.HOW_TO_BE_KNOWN;

  private final Pipelines pipelines;
  private final Clock clock = Clock.systemUTC();

  LettersController(Pipelines pipelines) {
    this.pipelines = pipelines;
  }

  /**
   * Dead letters, the newest first.
   *
   * @param before value of the parameter of that name for the letters before these; null where all
   *     were looked at
   * @param hidden what is not shown without an admin token, and the remedy; null where one was sent
   */
  @Serdeable
  record Answer(
      @JsonInclude(JsonInclude.Include.ALWAYS) List<View> letters,
      @Nullable String before,
      @Nullable String hidden) {}

  /**
   * A dead letter.
   *
   * @param position of the letter
   * @param time when it was written
   * @param eventId null where no header of the record has it
   * @param source position of the record that failed; null where this is no dead letter
   * @param reason null where the letter does not say
   * @param exception class of what was thrown
   * @param message null without an admin token, and where a decoder or serializer threw: it may
   *     quote the value
   * @param stack null without an admin token; without messages where a decoder or serializer threw
   * @param cut what of the record the letter lacks; null where nothing
   */
  @Serdeable
  record View(
      String position,
      String time,
      @Nullable String eventId,
      @Nullable String source,
      @Nullable String reason,
      @Nullable String exception,
      @Nullable String message,
      @Nullable String stack,
      @Nullable String cut) {}

  /**
   * Lists the newest dead letters, as far back as 10 seconds of reading suffice. Message and stack
   * are shown with an admin token only. 429 means that another such request for this pipeline is
   * being answered.
   */
  @Parameter(
      in = ParameterIn.QUERY,
      name = "since",
      description =
          "Letters written from then on: an instant (2026-11-01T00:00:00Z), or a time ago (PT1H).")
  @Parameter(
      in = ParameterIn.QUERY,
      name = "until",
      description = "Letters written before then, likewise.")
  @Parameter(
      in = ParameterIn.QUERY,
      name = "reason",
      description =
          "Letters whose reason contains this text, in whatever case. Repeat it for further texts.")
  @Parameter(
      in = ParameterIn.QUERY,
      name = "exception",
      description =
          "Letters of these exception classes, with or without the package, separated by commas.")
  @Parameter(
      in = ParameterIn.QUERY,
      name = "id",
      description = "Letters of this event id. Repeat it for further ids.")
  @Parameter(
      in = ParameterIn.QUERY,
      name = "position",
      description =
          "Letters at these positions, or whose records came from them, separated by commas:"
              + " payments-3@130.")
  @Parameter(
      in = ParameterIn.QUERY,
      name = "partition",
      description =
          "Letters whose records came from these partitions of the sources, separated by commas:"
              + " payments-3.")
  @Parameter(
      in = ParameterIn.QUERY,
      name = "limit",
      description = "Letters at most, from 1 to 200. Default: 50.")
  @Parameter(
      in = ParameterIn.QUERY,
      name = "before",
      description = "The field \"before\" of the last answer, to look further back.")
  @ApiResponse(
      responseCode = "200",
      description = "Letters, the newest first.",
      content = @Content(schema = @Schema(implementation = Answer.class)))
  @Get
  @ExecuteOn(TaskExecutors.BLOCKING) // the look waits for Kafka
  HttpResponse<?> letters(String name, HttpRequest<?> request) {
    Optional<LetterLook> look = pipelines.letters(name);
    if (look.isEmpty()) {
      List<String> names = pipelines.all().stream().map(p -> p.status().name()).toList();
      return trouble(HttpStatus.NOT_FOUND, "there is no such pipeline; there are " + names);
    }
    boolean isKnown = Sender.admin(request).isPresent();
    LetterLook.Wanted wanted;
    try {
      wanted = new LetterQuery(request.getParameters(), clock).wanted();
    } catch (IllegalArgumentException e) {
      return trouble(HttpStatus.BAD_REQUEST, String.valueOf(e.getMessage()));
    }
    try {
      return look.get()
          .look(wanted)
          .<HttpResponse<?>>map(found -> HttpResponse.ok(answer(found, isKnown)))
          .orElseGet(LettersController::busy);
    } catch (KafkaException e) {
      return trouble(HttpStatus.SERVICE_UNAVAILABLE, "Kafka: " + e.getMessage())
          .header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
    }
  }

  private static MutableHttpResponse<Refused> busy() {
    return trouble(
            HttpStatus.TOO_MANY_REQUESTS,
            "another look at this pipeline's letters is under way; send it again")
        .header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
  }

  private static MutableHttpResponse<Refused> trouble(HttpStatus status, String text) {
    return HttpResponse.<Refused>status(status).body(new Refused(text));
  }

  private static Answer answer(LetterLook.Found found, boolean isKnown) {
    return new Answer(
        found.letters().stream().map(letter -> view(letter, isKnown)).toList(),
        LetterQuery.before(found.before()),
        isKnown ? null : HIDDEN);
  }

  private static View view(SeenLetter letter, boolean isKnown) {
    return new View(
        letter.at().toString(),
        letter.time().toString(),
        letter.id(),
        letter.source() == null ? null : letter.source().toString(),
        letter.reason(),
        letter.exception(),
        isKnown ? letter.message() : null,
        isKnown ? letter.stack() : null,
        letter.cut());
  }
}
