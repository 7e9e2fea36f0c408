package io.exactlyonce.ops;

import io.exactlyonce.deadletter.RecordPosition;
import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.eventid.EventIds;
import io.exactlyonce.explain.Explanation;
import io.exactlyonce.explain.Sighting;
import io.exactlyonce.explain.Step;
import io.exactlyonce.ops.access.Refused;
import io.exactlyonce.ops.access.Sender;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * Explains what became of an event, as the command {@code explain} does, without values of records.
 * This instance also knows its stops and what its workers have read, which are not in the log. A
 * search reads as much of the log as the guard's window covers, so an instance answers one question
 * at a time, and an admin token is needed.
 */
@ApiResponse(
    responseCode = "4XX",
    description = "Refused, and why.",
    content = @Content(schema = @Schema(implementation = Refused.class)))
@Controller("/pipelines/{name}/explain")
final class ExplainController {
  private static final String RETRY_AFTER_SECONDS = "2";

  private final Named named;
  private final AtomicBoolean isAsking = new AtomicBoolean();

  ExplainController(Named named) {
    this.named = named;
  }

  /**
   * What became of the event.
   *
   * @param asked the event id or the position that was asked for
   * @param fate the event's: {@code PROCESSED}, {@code SKIPPED}, {@code WAITING}, {@code
   *     DEAD_LETTER}, {@code GIVEN_UP}, {@code STOPPED}, {@code IN_FLIGHT}, {@code NOT_YET}, {@code
   *     REPLAYED}, {@code UNKNOWN}, {@code DUPLICATE} or {@code NEVER_SEEN}
   * @param processed whether it was processed to its end
   * @param why the reason for the fate, in words
   * @param records of the sources: all with the event id that were found, or the one at the
   *     position and those that it leads to
   * @param more number of further records with the event id, which were not looked into
   * @param read number of records that were read to find this
   */
  @Serdeable
  record Story(
      String asked,
      String fate,
      boolean processed,
      String why,
      List<Seen> records,
      int more,
      long read) {}

  /**
   * A record of a source, and its fate.
   *
   * @param eventId null where it has none, or the record is gone
   * @param other position to which it led: the holder of its event id, its dead letter, the
   *     replayed record, or the one in a retry topic; null where there is none or it was not found
   * @param until when a record that waits is handled again; else null
   * @param steps what happened to it, in the order of time
   */
  @Serdeable
  record Seen(
      String position,
      @Nullable String eventId,
      String fate,
      String why,
      @Nullable String other,
      @Nullable Instant until,
      List<Happened> steps) {}

  /**
   * A step of the record, as a record of the log shows it.
   *
   * @param what kind: RECORD, OUTPUT, RETRY, LETTER, RECEIPT, REPLAY or REWIND
   * @param at position of the record that shows it
   * @param told what that record shows, without values
   * @param worker that committed it; null unless a receipt shows it
   */
  @Serdeable
  record Happened(Instant time, String what, String at, String told, @Nullable String worker) {}

  /**
   * Explains what became of an event. Needs an admin token, and exactly one of {@code id} and
   * {@code position}. An instance answers one such request at a time; 429 means that another one is
   * being answered.
   *
   * @param id event id
   * @param position of its record in a source, or of an output, retry or dead letter that names it:
   *     {@code payments-3@130}
   */
  @ApiResponse(
      responseCode = "200",
      description = "Its story.",
      content = @Content(schema = @Schema(implementation = Story.class)))
  @Get
  @ExecuteOn(TaskExecutors.BLOCKING) // it reads the log
  HttpResponse<?> explain(
      String name,
      @Nullable @QueryValue String id,
      @Nullable @QueryValue String position,
      HttpRequest<?> request) {
    Optional<Pipeline> pipeline = named.find(name);
    if (pipeline.isEmpty()) {
      return named.unknown(name);
    }
    if (Sender.admin(request).isEmpty()) {
      return Named.problem(HttpStatus.UNAUTHORIZED, "send " + Sender.HOW_TO_BE_KNOWN)
          .header(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
    }
    if ((id == null) == (position == null)) {
      return Named.wrong("id", "give one of id=ID and position=payments-3@130");
    }
    RecordPosition at = position == null ? null : RecordPosition.parse(position.strip());
    if (position != null && at == null) {
      return Named.wrong("position", "is no position; write orders-3@17");
    }
    if (id != null && !EventIds.isUsable(id.getBytes(StandardCharsets.UTF_8))) {
      return Named.wrong("id", "is blank or too long: no pipeline takes such an event id");
    }
    return ask(pipeline.get(), id, at);
  }

  private HttpResponse<?> ask(Pipeline pipeline, @Nullable String id, @Nullable RecordPosition at) {
    if (!isAsking.compareAndSet(false, true)) {
      return Named.problem(
              HttpStatus.TOO_MANY_REQUESTS, "another question is being answered; send it again")
          .header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
    }
    try {
      HeldRecords held = HeldRecords.of(pipeline);
      return HttpResponse.ok(story(named.maintenance(pipeline).explain(id, at, held)));
    } catch (KafkaException e) {
      return Named.problem(HttpStatus.SERVICE_UNAVAILABLE, "Kafka: " + e.getMessage())
          .header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
    } finally {
      isAsking.set(false);
    }
  }

  private static Story story(Explanation found) {
    Explanation.Read read = found.read();
    return new Story(
        found.asked(),
        found.fate().name(),
        found.isProcessed(),
        found.why(),
        found.records().stream().map(ExplainController::seen).toList(),
        found.more(),
        read.sources() + read.receipts() + read.others());
  }

  private static Seen seen(Sighting sighting) {
    return new Seen(
        sighting.position().toString(),
        sighting.eventId(),
        sighting.fate().name(),
        sighting.why(),
        sighting.other() == null ? null : sighting.other().toString(),
        sighting.until(),
        sighting.steps().stream().map(ExplainController::happened).toList());
  }

  private static Happened happened(Step step) {
    return new Happened(
        step.time(),
        step.what().name(),
        step.at().toString(),
        step.told(),
        step.receipt() == null ? null : step.receipt().worker());
  }
}
