package io.exactlyonce.ops.access;

import io.exactlyonce.config.ConfigurationException;
import io.micronaut.context.annotation.Context;
import io.micronaut.context.annotation.Property;
import org.jspecify.annotations.Nullable;

/**
 * Who may see how the pipelines stand, where not everybody may: the bearer tokens of {@code
 * PIPELINE_VIEW_TOKEN}. Whoever may change something may see it too.
 *
 * <p>Made when the application is put together, so that a token that cannot serve ends the start.
 */
@Context
final class ViewTokens {
  static final String VARIABLE = "PIPELINE_VIEW_TOKEN";

  private final BearerTokens tokens;

  /**
   * @param tokens null or blank: reading needs no token
   * @throws ConfigurationException where a name or a token cannot serve; it does not show the token
   */
  ViewTokens(@Nullable @Property(name = "pipeline.view.token") String tokens) {
    this.tokens = new BearerTokens(VARIABLE, "viewer", tokens);
  }

  /** True where reading needs no token. */
  boolean isEmpty() {
    return tokens.isEmpty();
  }

  boolean isOneOfThem(@Nullable String authorization) {
    return tokens.nameOf(authorization).isPresent();
  }
}
