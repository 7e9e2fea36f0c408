package io.exactlyonce.ops.access;

import io.micronaut.context.annotation.Replaces;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.server.exceptions.ExceptionHandler;
import io.micronaut.http.server.exceptions.JsonExceptionHandler;
import io.micronaut.json.JsonSyntaxException;
import jakarta.inject.Singleton;

/**
 * Answers a body that is not valid JSON, at any endpoint. Micronaut's own answer would repeat a
 * part of it.
 */
@Singleton
@Replaces(JsonExceptionHandler.class)
final class UnreadableJson implements ExceptionHandler<JsonSyntaxException, HttpResponse<?>> {
  @Override
  @SuppressWarnings("rawtypes") // as the interface declares it
  public HttpResponse<?> handle(HttpRequest request, JsonSyntaxException thrown) {
    return HostFilter.refuse(
        request, HttpStatus.BAD_REQUEST, "body: is no JSON; see /console/openapi.yml");
  }
}
