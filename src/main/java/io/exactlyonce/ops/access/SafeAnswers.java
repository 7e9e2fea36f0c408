package io.exactlyonce.ops.access;

import io.micronaut.core.annotation.Order;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;

/**
 * Adds headers to answers about pipelines and to the console's files, by which browsers do not
 * guess content types, load nothing from other origins, show them in no frame, and store nothing
 * unless the answer allows it.
 *
 * <p>It comes before all other filters, since an answer passes only the filters that its request
 * has passed: so the refusals of {@link HostFilter} and {@link AdminFilter} get the headers too.
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
