package io.exactlyonce.ops;

import io.exactlyonce.deadletter.Letter;
import io.exactlyonce.deadletter.Printable;
import io.exactlyonce.deadletter.RecordPosition;
import io.exactlyonce.deadletter.SeenLetter;
import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.ops.access.Refused;
import io.exactlyonce.ops.access.Sender;
import io.micronaut.context.annotation.Property;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * Shows one dead letter. It needs an admin token. The record's key, headers and value are shown
 * only where {@code console.show-values} is true, and so are the messages of what a decoder or a
 * serializer threw, which may quote them.
 */
@ApiResponse(
    responseCode = "4XX",
    description = "Refused, and why.",
    content = @Content(schema = @Schema(implementation = Refused.class)))
@Controller("/pipelines/{name}/letters/{position}")
final class OneLetterController {
  private static final int MAX_LOOKS = 2;
  private static final int MAX_SHOWN = 64 * 1024;
  private static final String RETRY_AFTER_SECONDS = "2";

  private final Named named;
  private final boolean showsValues;
  private final Semaphore looks = new Semaphore(MAX_LOOKS);

  /**
   * @param showsValues whether keys, headers and values may be shown; default false
   */
  OneLetterController(
      Named named,
      @Property(name = "console.show-values", defaultValue = "false") boolean showsValues) {
    this.named = named;
    this.showsValues = showsValues;
  }

  /**
   * A dead letter. Key, headers and value are null where they are not shown, or there are none;
   * key, value and each header are cut to 64 KiB.
   *
   * @param message also null where values are not shown and a decoder or a serializer threw
   * @param stack without messages where values are not shown and a decoder or a serializer threw
   * @param bytes size of the value
   * @param valuesShown whether {@code console.show-values} is true
   */
  @Serdeable
  record Full(
      String position,
      Instant time,
      @Nullable String source,
      @Nullable String reason,
      @Nullable String exception,
      @Nullable String message,
      @Nullable String stack,
      @Nullable String cut,
      int bytes,
      boolean valuesShown,
      @Nullable String key,
      @Nullable String value,
      @Nullable List<String> headers) {}

  /**
   * Shows one dead letter. Needs an admin token. Key, headers and value are shown only where
   * console.show-values is true, and so are messages of what a decoder or a serializer threw.
   */
  @ApiResponse(
      responseCode = "200",
      description = "The letter.",
      content = @Content(schema = @Schema(implementation = Full.class)))
  @Get
  @ExecuteOn(TaskExecutors.BLOCKING) // the look waits for Kafka
  HttpResponse<?> letter(String name, String position, HttpRequest<?> request) {
    Optional<Pipeline> pipeline = named.find(name);
    if (pipeline.isEmpty()) {
      return named.unknown(name);
    }
    if (Sender.admin(request).isEmpty()) {
      return Named.problem(HttpStatus.UNAUTHORIZED, "send " + Sender.HOW_TO_BE_KNOWN)
          .header(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
    }
    RecordPosition at = RecordPosition.parse(position);
    if (at == null) {
      return Named.wrong("position", "is no position; write orders.dead-letters-3@17");
    }
    if (!looks.tryAcquire()) {
      return Named.problem(HttpStatus.TOO_MANY_REQUESTS, "other looks are under way; send it again")
          .header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
    }
    try {
      return named
          .maintenance(pipeline.get())
          .letter(at)
          .<HttpResponse<?>>map(letter -> HttpResponse.ok(full(letter)))
          .orElseGet(
              () ->
                  Named.problem(
                      HttpStatus.NOT_FOUND, "position: there is no dead letter at " + at));
    } catch (KafkaException e) {
      return Named.problem(HttpStatus.SERVICE_UNAVAILABLE, "Kafka: " + e.getMessage())
          .header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
    } finally {
      looks.release();
    }
  }

  private Full full(Letter letter) {
    byte[] value = letter.record().value();
    SeenLetter seen = SeenLetter.of(letter, null);
    return new Full(
        letter.at().toString(),
        letter.time(),
        letter.source() == null ? null : letter.source().toString(),
        letter.reason(),
        letter.exception(),
        showsValues ? letter.message() : seen.message(),
        showsValues ? letter.stack() : seen.stack(),
        letter.cut(),
        value == null ? 0 : value.length,
        showsValues,
        showsValues ? shown(letter.record().key()) : null,
        showsValues ? shown(value) : null,
        showsValues ? headers(letter) : null);
  }

  private static List<String> headers(Letter letter) {
    return Arrays.stream(letter.ownHeaders().toArray())
        .map(header -> Printable.of(header.key()) + ": " + shown(header.value()))
        .toList();
  }

  private static @Nullable String shown(byte @Nullable [] bytes) {
    return bytes == null
        ? null
        : Printable.of(Arrays.copyOf(bytes, Math.min(bytes.length, MAX_SHOWN)));
  }
}
