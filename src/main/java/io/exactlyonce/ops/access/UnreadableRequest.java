package io.exactlyonce.ops.access;

import io.micronaut.context.annotation.Replaces;
import io.micronaut.core.convert.exceptions.ConversionErrorException;
import io.micronaut.core.type.Argument;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.server.exceptions.ConversionErrorHandler;
import io.micronaut.http.server.exceptions.ExceptionHandler;
import io.micronaut.serde.exceptions.InvalidPropertyFormatException;
import io.micronaut.serde.exceptions.SerdeException;
import io.micronaut.serde.exceptions.path.PropertyReferencePath;
import io.micronaut.serde.exceptions.path.ReferencePath;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/**
 * Answers a field of a body, or a parameter, of a wrong type, at any endpoint. Micronaut's own
 * answer would repeat what was sent and name classes; this one names the field.
 */
@Singleton
@Replaces(ConversionErrorHandler.class)
final class UnreadableRequest
    implements ExceptionHandler<ConversionErrorException, HttpResponse<?>> {
  @Override
  @SuppressWarnings("rawtypes") // as the interface declares it
  public HttpResponse<?> handle(HttpRequest request, ConversionErrorException thrown) {
    Argument<?> argument = thrown.getArgument();
    String field = field(thrown.getConversionError().getCause());
    String why =
        field != null
            ? field + ": is not of the type that this field takes; see /console/openapi.yml"
            : argument.isAnnotationPresent(Body.class)
                ? "body: is no JSON object with the fields that are taken; see /console/openapi.yml"
                : argument.getName() + ": is not of the type that is taken";
    return HostFilter.refuse(request, HttpStatus.BAD_REQUEST, why);
  }

  /** Name of the wrong field of the body; null where the error is not in one field. */
  private static @Nullable String field(@Nullable Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof InvalidPropertyFormatException property) {
        return property.getArgument().getName();
      }
      if (cause instanceof SerdeException serde) {
        for (ReferencePath part : serde.getPath()) {
          if (part instanceof PropertyReferencePath property) {
            return property.property().getName();
          }
        }
      }
    }
    return null;
  }
}
