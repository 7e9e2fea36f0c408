package io.exactlyonce.ops.access;

import io.micronaut.core.annotation.Order;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;

/**
 * Tells browsers what they may do with answers about pipelines, and with the console: take them for
 * what they are said to be, load nothing from elsewhere, show them in no frame, and keep nothing.
 *
 * <p>It comes before all other filters, since a response passes only those that its request has
 * passed: what {@link HostFilter} and {@link AdminFilter} refuse is answered safely too.
 */
@ServerFilter({"/pipelines", "/pipelines/**", "/console", "/console/**"})
@Order(Ordered.HIGHEST_PRECEDENCE)
final class SafeAnswers {
  private static final String POLICY =
      "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  @ResponseFilter
  void secure(HttpRequest<?> request, MutableHttpResponse<?> response) {
    response
        .header("Content-Security-Policy", POLICY)
        .header("X-Content-Type-Options", "nosniff")
        .header("Referrer-Policy", "no-referrer");
    if (!response.getHeaders().contains(HttpHeaders.CACHE_CONTROL)) {
      response.header(HttpHeaders.CACHE_CONTROL, "no-store");
    }
  }
}
