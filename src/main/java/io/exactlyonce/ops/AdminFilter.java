package io.exactlyonce.ops;

import static io.exactlyonce.ops.HostFilter.refuse;

import io.micronaut.core.annotation.Nullable;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import java.util.Optional;

/**
 * Stands before every request below {@code /pipelines} that changes something, behind {@link
 * HostFilter}. It passes only what an operator's own tool sends: a bearer token, which no page in a
 * browser can have, and JSON.
 */
@ServerFilter({"/pipelines", "/pipelines/**"})
final class AdminFilter {
  /** The request's attribute with the name of whoever sent it. */
  static final String WHO = "io.exactlyonce.admin";

  private final AdminTokens tokens;

  AdminFilter(AdminTokens tokens) {
    this.tokens = tokens;
  }

  /** Null lets the request pass. */
  @RequestFilter
  @Nullable
  HttpResponse<?> check(HttpRequest<?> request) {
    if (HostFilter.isReading(request)) {
      return null;
    }
    if (tokens.isEmpty()) {
      return refuse(
          request,
          HttpStatus.FORBIDDEN,
          "changes are refused here: "
              + AdminTokens.VARIABLE
              + " is not set; set it to a token of"
              + " 16 characters or more, start again, and send it as Authorization: Bearer");
    }
    Optional<String> who = tokens.nameOf(request.getHeaders().get(HttpHeaders.AUTHORIZATION));
    if (who.isEmpty()) {
      return refuse(
              request,
              HttpStatus.UNAUTHORIZED,
              "send a token of " + AdminTokens.VARIABLE + " as Authorization: Bearer")
          .header(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
    }
    if (request.getContentType().filter(MediaType.APPLICATION_JSON_TYPE::matches).isEmpty()) {
      return refuse(
          request, HttpStatus.UNSUPPORTED_MEDIA_TYPE, "send it as Content-Type: application/json");
    }
    request.setAttribute(WHO, who.get());
    return null;
  }
}
