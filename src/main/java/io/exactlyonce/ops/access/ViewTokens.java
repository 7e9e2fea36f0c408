package io.exactlyonce.ops.access;

import io.exactlyonce.config.ConfigurationException;
import io.micronaut.context.annotation.Context;
import io.micronaut.context.annotation.Property;
import org.jspecify.annotations.Nullable;

/**
 * The bearer tokens of {@code PIPELINE_VIEW_TOKEN}, which allow reading where it is restricted.
 * Admin tokens allow it too.
 *
 * <p>Made when the application context starts, so that an invalid token ends the start.
 */
@Context
final class ViewTokens {
  static final String VARIABLE = "PIPELINE_VIEW_TOKEN";

  private final BearerTokens tokens;

  /**
   * @param tokens null or blank: reading needs no token
   * @throws ConfigurationException where a name or a token is invalid; the message does not show
   *     the token
   */
  ViewTokens(@Nullable @Property(name = "pipeline.view.token") String tokens) {
    this.tokens = new BearerTokens(VARIABLE, "viewer", tokens);
  }

  /** Whether there is no token, so that reading needs none. */
  boolean isEmpty() {
    return tokens.isEmpty();
  }

  boolean isOneOfThem(@Nullable String authorization) {
    return tokens.nameOf(authorization).isPresent();
  }
}
