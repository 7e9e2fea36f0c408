package io.exactlyonce.wiring.tracing;

import io.micronaut.context.annotation.Requires;
import io.micronaut.core.propagation.MutablePropagatedContext;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;
import io.micronaut.web.router.RouteAttributes;
import io.micronaut.web.router.UriRouteInfo;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import org.jspecify.annotations.Nullable;

/**
 * Filter that makes a span for each request to one of the application's own routes, as part of the
 * trace that the request names. Metrics, health checks and the console are not traced. A span has
 * the route but not the path, which may contain an account, and no exception, which may quote the
 * body.
 */
@ServerFilter("/**")
@Requires(beans = TracingSdk.class)
final class RequestSpans {
  private static final TextMapGetter<HttpHeaders> HEADERS =
      (headers, key) -> headers == null ? null : headers.get(key);

  private static final String ATTRIBUTE = RequestSpans.class.getName();

  private final Tracer tracer;
  private final TextMapPropagator propagator;

  RequestSpans(OpenTelemetry openTelemetry) {
    tracer = openTelemetry.getTracer(OpenTelemetryTracing.INSTRUMENTATION);
    propagator = openTelemetry.getPropagators().getTextMapPropagator();
  }

  @RequestFilter
  void begin(HttpRequest<?> request, MutablePropagatedContext propagated) {
    String route = route(request);
    if (route == null) {
      return;
    }
    try {
      Context parent = propagator.extract(Context.root(), request.getHeaders(), HEADERS);
      Span span =
          tracer
              .spanBuilder(request.getMethodName() + " " + route)
              .setParent(parent)
              .setSpanKind(SpanKind.SERVER)
              .setAttribute(Attributes.METHOD, request.getMethodName())
              .setAttribute(Attributes.ROUTE, route)
              .startSpan();
      request.setAttribute(ATTRIBUTE, span);
      propagated.add(new RequestSpan(parent.with(span)));
    } catch (RuntimeException e) { // of a sampler or a processor that was plugged in
      OpenTelemetryTracing.say(e);
    }
  }

  /** Null where the request goes to no route, or to one that is not the application's. */
  private static @Nullable String route(HttpRequest<?> request) {
    return RouteAttributes.getRouteInfo(request)
        .filter(UriRouteInfo.class::isInstance)
        .map(route -> (UriRouteInfo<?, ?>) route)
        .filter(route -> isOfTheApplication(route.getDeclaringType().getPackageName()))
        .map(route -> route.getUriMatchTemplate().toPathString())
        .orElse(null);
  }

  private static boolean isOfTheApplication(String packageName) {
    return !packageName.startsWith("io.micronaut.") && !packageName.startsWith("io.exactlyonce.");
  }

  @ResponseFilter
  void end(HttpRequest<?> request, HttpResponse<?> response) {
    Span span = request.getAttribute(ATTRIBUTE, Span.class).orElse(null);
    if (span == null) {
      return;
    }
    span.setAttribute(Attributes.STATUS, (long) response.code());
    if (response.code() >= HttpStatus.INTERNAL_SERVER_ERROR.getCode()) {
      span.setStatus(StatusCode.ERROR);
    }
    try {
      span.end();
    } catch (RuntimeException e) { // of a span processor that was plugged in
      OpenTelemetryTracing.say(e);
    }
  }
}
