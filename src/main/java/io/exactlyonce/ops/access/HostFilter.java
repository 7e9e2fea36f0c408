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
 * Filter of every request that changes something, at the application's own endpoints too. It
 * refuses requests for a host that is not in {@link KnownHosts}, and requests sent by a page of
 * another origin. Such a page can make a browser send forms and simple requests to any address, and
 * under a name of its own that it points to this server (DNS rebinding) requests of any kind.
 */
@ServerFilter("/**")
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
final class HostFilter {
  private static final Logger LOG = LoggerFactory.getLogger(HostFilter.class);
  private static final Set<HttpMethod> READING =
      Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

  /**
   * Header by which browsers tell the relation of the sending page; "none" is a request of the
   * user, as by the address bar.
   */
  private static final String SITE = "Sec-Fetch-Site";

  private static final Set<String> OWN = Set.of("same-origin", "none");

  private final KnownHosts hosts;

  HostFilter(KnownHosts hosts) {
    this.hosts = hosts;
  }

  /** Body of an answer that refuses a request. */
  @Serdeable
  record Refusal(String trouble) {}

  /** Refuses the request, or lets it pass by null. */
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
        : refuse(
            request,
            HttpStatus.FORBIDDEN,
            "the header Origin or Sec-Fetch-Site says that a web page of another origin sent the"
                + " request; a reverse proxy has to pass the header Host on unchanged");
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
    } catch (IllegalArgumentException e) { // not a URI, so not a page of this server
      return false;
    }
  }
}
