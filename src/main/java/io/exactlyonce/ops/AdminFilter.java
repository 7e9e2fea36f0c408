package io.exactlyonce.ops;

import io.micronaut.context.annotation.Property;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpMethod;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import io.micronaut.serde.annotation.Serdeable;
import java.net.URI;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands before every request below {@code /pipelines} that changes something. It passes only what
 * an operator's own tool sends: a bearer token, JSON, a host that this server is known by, and no
 * page elsewhere behind it. A page in the operator's browser can send forms and plain requests to
 * any address, and by a name of its own that it points to this server (DNS rebinding) even read the
 * answers; it cannot have the token.
 */
@ServerFilter({"/pipelines", "/pipelines/**"})
final class AdminFilter {
  /** The request's attribute with the name of whoever sent it. */
  static final String WHO = "io.exactlyonce.admin";

  private static final Logger LOG = LoggerFactory.getLogger(AdminFilter.class);
  private static final Set<HttpMethod> READING =
      Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);
  private static final Pattern ADDRESS =
      Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.]+]");

  private final AdminTokens tokens;
  private final Set<String> hosts;

  /**
   * @param hosts names that this server is called by, with commas in between, besides localhost and
   *     plain addresses
   */
  AdminFilter(AdminTokens tokens, @Nullable @Property(name = "pipeline.admin.hosts") String hosts) {
    this.tokens = tokens;
    this.hosts =
        Arrays.stream(hosts == null ? new String[0] : hosts.split(","))
            .map(host -> host.trim().toLowerCase(java.util.Locale.ROOT))
            .collect(Collectors.toSet());
  }

  /** Why a request was not carried out. */
  @Serdeable
  record Refusal(String trouble) {}

  /** Null lets the request pass. */
  @RequestFilter
  @Nullable
  HttpResponse<?> check(HttpRequest<?> request) {
    if (READING.contains(request.getMethod())) {
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
    String host = host(request);
    if (!isOurs(host)) {
      return refuse(
          request,
          HttpStatus.FORBIDDEN,
          "the host of the request is not one that this server is known by; use localhost or an"
              + " address, or add its name to PIPELINE_ADMIN_HOSTS");
    }
    String origin = request.getHeaders().get(HttpHeaders.ORIGIN);
    if (origin != null && !isSame(origin, request)) {
      return refuse(request, HttpStatus.FORBIDDEN, "the request comes from a page elsewhere");
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

  private static MutableHttpResponse<Refusal> refuse(
      HttpRequest<?> request, HttpStatus status, String why) {
    LOG.warn(
        "refused {} {} from {}: {}",
        request.getMethod(),
        printable(request.getPath()),
        request.getRemoteAddress().getAddress(),
        why);
    return HttpResponse.<Refusal>status(status).body(new Refusal(why));
  }

  private static String printable(String path) {
    return path.replaceAll("[^ -~]", "?");
  }

  /** Without its port, in small letters; empty where none was sent. */
  private static String host(HttpRequest<?> request) {
    String host = request.getHeaders().get(HttpHeaders.HOST);
    return host == null ? "" : host.replaceFirst(":\\d+$", "").toLowerCase(java.util.Locale.ROOT);
  }

  /** An address cannot be rebound: a browser that was sent there went to this very server. */
  private boolean isOurs(String host) {
    return host.equals("localhost") || ADDRESS.matcher(host).matches() || hosts.contains(host);
  }

  private static boolean isSame(String origin, HttpRequest<?> request) {
    try {
      return request.getHeaders().get(HttpHeaders.HOST).equals(URI.create(origin).getAuthority());
    } catch (IllegalArgumentException e) { // no URI, so no page of this server
      return false;
    }
  }
}
