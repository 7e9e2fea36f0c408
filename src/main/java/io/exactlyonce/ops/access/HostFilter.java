package io.exactlyonce.ops.access;

import io.micronaut.core.annotation.Order;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpMethod;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import io.micronaut.serde.annotation.Serdeable;
import java.net.URI;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands before every request that changes something, the application's own endpoints among them,
 * and passes only what asks for a host that this server is known by, and comes from no page
 * elsewhere. A page in somebody's browser can send forms and plain requests to any address, and by
 * a name of its own that it points to this server (DNS rebinding) any request at all.
 */
@ServerFilter("/**")
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
final class HostFilter {
  private static final Logger LOG = LoggerFactory.getLogger(HostFilter.class);
  private static final Set<HttpMethod> READING =
      Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

  /** Where a browser says that a request comes from; "none" is the user's own doing. */
  private static final String SITE = "Sec-Fetch-Site";

  private static final Set<String> OWN = Set.of("same-origin", "none");

  private final KnownHosts hosts;

  HostFilter(KnownHosts hosts) {
    this.hosts = hosts;
  }

  /** Why a request was not carried out. */
  @Serdeable
  record Refusal(String trouble) {}

  /** Null lets the request pass. */
  @RequestFilter
  @Nullable HttpResponse<?> check(HttpRequest<?> request) {
    if (isReading(request)) {
      return null;
    }
    if (!hosts.areAskedBy(request)) {
      return refuse(request, HttpStatus.FORBIDDEN, KnownHosts.REMEDY);
    }
    String origin = request.getHeaders().get(HttpHeaders.ORIGIN);
    String site = request.getHeaders().get(SITE);
    return (origin == null || isSame(origin, request)) && (site == null || OWN.contains(site))
        ? null
        : refuse(request, HttpStatus.FORBIDDEN, "the request comes from a page elsewhere");
  }

  static boolean isReading(HttpRequest<?> request) {
    return READING.contains(request.getMethod());
  }

  static MutableHttpResponse<Refusal> refuse(
      HttpRequest<?> request, HttpStatus status, String why) {
    LOG.warn(
        "refused {} {} from {}: {}",
        request.getMethod(),
        RequestText.printable(request.getPath()),
        request.getRemoteAddress().getAddress(),
        why);
    return HttpResponse.<Refusal>status(status).body(new Refusal(why));
  }

  private static boolean isSame(String origin, HttpRequest<?> request) {
    try {
      return request.getHeaders().get(HttpHeaders.HOST).equals(URI.create(origin).getAuthority());
    } catch (IllegalArgumentException e) { // no URI, so no page of this server
      return false;
    }
  }
}
