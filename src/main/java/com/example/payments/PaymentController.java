package com.example.payments;

import static java.util.Objects.requireNonNull;

import io.micronaut.core.convert.exceptions.ConversionErrorException;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Error;
import io.micronaut.http.annotation.Header;
import io.micronaut.http.annotation.Post;
import io.micronaut.json.JsonSyntaxException;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * HTTP resource that accepts payments. The sender's Idempotency-Key becomes the event id, so that a
 * payment that is sent again, because its response was lost, is booked once.
 */
@Controller("/payments")
class PaymentController {
  private static final Logger LOG = LoggerFactory.getLogger(PaymentController.class);
  private static final int MAX_KEY_LENGTH = 200;
  private static final String RETRY_AFTER_SECONDS = "5";

  private static final Problem NOT_A_PAYMENT =
      new Problem(
          "the body is not a payment",
          "send a JSON object of debtor, creditor and currency (texts) and cents (whole number)");
  private static final Problem NO_ANSWER =
      new Problem(
          "Kafka did not confirm the payment in time",
          "send it again with the same Idempotency-Key: it is booked once");

  private final PaymentPublisher publisher;

  PaymentController(PaymentPublisher publisher) {
    this.publisher = publisher;
  }

  /** Response to a payment that Kafka has: the id under which it is booked. */
  @Serdeable
  record Accepted(String eventId) {}

  /**
   * Accepts a payment: 202 when Kafka has it, 400 when it or its key is wrong, 503 within 5 s when
   * Kafka does not answer.
   */
  @ApiResponse(
      responseCode = "202",
      description = "Kafka has it.",
      content = @Content(schema = @Schema(implementation = Accepted.class)))
  @Post
  @ExecuteOn(TaskExecutors.BLOCKING) // the producer blocks its caller until it knows a broker
  CompletableFuture<HttpResponse<?>> pay(
      @Nullable @Header("Idempotency-Key") String key, @Nullable @Body Payment payment) {
    Optional<Problem> problem =
        keyProblem(key).or(() -> payment == null ? Optional.of(NOT_A_PAYMENT) : payment.problem());
    if (problem.isPresent()) {
      return CompletableFuture.completedFuture(HttpResponse.badRequest(problem.get()));
    }
    return send(requireNonNull(key), requireNonNull(payment));
  }

  private CompletableFuture<HttpResponse<?>> send(String key, Payment payment) {
    return publisher
        .publish(requireNonNull(payment.debtor()), key, payment)
        .handle((sent, failure) -> failure == null ? accepted(key) : unavailable(failure));
  }

  @Error
  HttpResponse<Problem> notJson(JsonSyntaxException e) {
    return HttpResponse.badRequest(NOT_A_PAYMENT);
  }

  @Error
  HttpResponse<Problem> notOfThatShape(ConversionErrorException e) {
    return HttpResponse.badRequest(NOT_A_PAYMENT);
  }

  private static Optional<Problem> keyProblem(@Nullable String key) {
    String fault =
        key == null
            ? "missing"
            : key.isBlank() ? "blank" : key.length() > MAX_KEY_LENGTH ? "too long" : null;
    return Optional.ofNullable(fault)
        .map(
            it ->
                new Problem(
                    "the header Idempotency-Key is " + it,
                    "send the payment's own id, of 1 to " + MAX_KEY_LENGTH + " characters"));
  }

  private static HttpResponse<?> accepted(String eventId) {
    return HttpResponse.accepted().body(new Accepted(eventId));
  }

  private static HttpResponse<?> unavailable(Throwable failure) {
    LOG.warn("a payment was not confirmed: {}", failure.getMessage());
    return HttpResponse.status(HttpStatus.SERVICE_UNAVAILABLE)
        .header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS)
        .body(NO_ANSWER);
  }
}
