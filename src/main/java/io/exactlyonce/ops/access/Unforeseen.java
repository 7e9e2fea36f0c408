package io.exactlyonce.ops.access;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.server.exceptions.ExceptionHandler;
import jakarta.inject.Singleton;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers exceptions and errors of controllers, the application's too, that no handler for a
 * narrower type answers. Micronaut's answer would show the exception's message, which may contain a
 * value or an address; here only the log has it.
 */
@Singleton
final class Unforeseen implements ExceptionHandler<Throwable, HttpResponse<?>> {
  private static final Logger LOG = LoggerFactory.getLogger(Unforeseen.class);

  @Override
  @SuppressWarnings("rawtypes") // as the interface declares it
  public HttpResponse<?> handle(HttpRequest request, Throwable thrown) {
    LOG.error(
        "{} {} failed", request.getMethod(), RequestText.printable(request.getPath()), thrown);
    return HttpResponse.<HostFilter.Refusal>status(HttpStatus.INTERNAL_SERVER_ERROR)
        .body(new HostFilter.Refusal("internal error; the log of this instance has the exception"));
  }
}
