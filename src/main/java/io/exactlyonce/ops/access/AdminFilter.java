package io.exactlyonce.ops.access;

import static io.exactlyonce.ops.access.HostFilter.refuse;
import static java.util.Objects.requireNonNull;

import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;
import java.net.InetAddress;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Filter of all requests that show or change pipelines, after {@link HostFilter}.
 *
 * <p>A change needs a bearer token of {@link AdminTokens} and JSON as its content type; a web page
 * of another origin cannot have the token. Reading needs a token where {@link ViewTokens} has some;
 * where it has none, it needs a host of {@link KnownHosts}, since a page of another origin could
 * otherwise read through an operator's browser (DNS rebinding). Each change is logged with the
 * operator, the address and the status of the answer.
 *
 * <p>Micronaut Security is not used: it would filter the application's endpoints too and bring
 * users and sessions, while two lists of tokens are enough here.
 */
@ServerFilter({
  "/pipelines", "/pipelines/**",
  // The router ignores a slash at the end; a pattern without ** does not.
  "/console/live", "/console/live/**",
  "/console/who", "/console/who/**"
})
final class AdminFilter {
  private static final Logger LOG = LoggerFactory.getLogger(AdminFilter.class);

  private final AdminTokens admins;
  private final ViewTokens viewers;
  private final KnownHosts hosts;
  private final Acts acts;
  private final FailedAttempts failed = new FailedAttempts();

  AdminFilter(AdminTokens admins, ViewTokens viewers, KnownHosts hosts, Acts acts) {
    this.admins = admins;
    this.viewers = viewers;
    this.hosts = hosts;
    this.acts = acts;
  }

  /**
   * Refuses the request, or lets it pass by null. The sender goes into attributes of the request,
   * for {@link Sender}.
   */
  @RequestFilter
  @Nullable HttpResponse<?> check(HttpRequest<?> request) {
    String sent = request.getHeaders().get(HttpHeaders.AUTHORIZATION);
    InetAddress from = request.getRemoteAddress().getAddress();
    boolean isToken = BearerTokens.isBearer(sent);
    if (isToken && failed.isShutOut(from, System.nanoTime())) {
      return refuse(
              request,
              HttpStatus.TOO_MANY_REQUESTS,
              "too many wrong tokens came from this address; send the right one in a minute")
          .header(HttpHeaders.RETRY_AFTER, String.valueOf(FailedAttempts.WINDOW.toSeconds()));
    }
    Optional<String> who = admins.nameOf(sent);
    boolean isViewer = who.isPresent() || viewers.isOneOfThem(sent);
    if (isViewer) {
      request.setAttribute(Sender.VIEWER, true);
    }
    if (isToken && !isViewer) {
      failed.add(from, requireNonNull(sent), System.nanoTime());
    }
    who.ifPresent(name -> request.setAttribute(Sender.ADMIN, name));
    return HostFilter.isReading(request)
        ? checkReading(request, isViewer)
        : checkChange(request, who, isViewer);
  }

  @Nullable
  private HttpResponse<?> checkReading(HttpRequest<?> request, boolean isViewer) {
    if (isViewer) {
      return null;
    }
    if (!viewers.isEmpty()) {
      return unknown(request, ViewTokens.VARIABLE);
    }
    return hosts.areAskedBy(request)
        ? null
        : refuse(request, HttpStatus.FORBIDDEN, KnownHosts.REMEDY + ", or send a token");
  }

  @Nullable
  private HttpResponse<?> checkChange(
      HttpRequest<?> request, Optional<String> who, boolean isViewer) {
    if (admins.isEmpty()) {
      return refuse(
          request,
          HttpStatus.FORBIDDEN,
          "changes are refused here: "
              + AdminTokens.VARIABLE
              + " is not set; set it to a token of"
              + " 16 characters or more, start again, and send it as Authorization: Bearer");
    }
    if (who.isEmpty() && isViewer) {
      return refuse(
          request,
          HttpStatus.FORBIDDEN,
          "this token allows reading only; send a token of " + AdminTokens.VARIABLE);
    }
    if (who.isEmpty()) {
      return unknown(request, AdminTokens.VARIABLE);
    }
    if (request.getContentType().filter(MediaType.APPLICATION_JSON_TYPE::matches).isEmpty()) {
      return refuse(
          request, HttpStatus.UNSUPPORTED_MEDIA_TYPE, "send it as Content-Type: application/json");
    }
    return null;
  }

  private static HttpResponse<?> unknown(HttpRequest<?> request, String variable) {
    return refuse(
            request,
            HttpStatus.UNAUTHORIZED,
            "send a token of " + variable + " as Authorization: Bearer")
        .header(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
  }

  /** Logs a change by an operator, also one that the controller refused. */
  @ResponseFilter
  void log(HttpRequest<?> request, HttpResponse<?> response) {
    if (HostFilter.isReading(request)) {
      return;
    }
    Sender.admin(request)
        .ifPresent(
            who -> {
              String what = request.getMethod() + " " + RequestText.printable(request.getPath());
              String from = request.getRemoteAddress().getAddress().getHostAddress();
              LOG.info("{}: {} from {}: {}", who, what, from, response.code());
              acts.add(Instant.now(), who, what, from, response.code());
            });
  }
}
