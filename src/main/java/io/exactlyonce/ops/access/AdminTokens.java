package io.exactlyonce.ops.access;

import io.exactlyonce.config.ConfigurationException;
import io.micronaut.context.annotation.Context;
import io.micronaut.context.annotation.Property;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who may change what the pipelines do: the bearer tokens of {@code PIPELINE_ADMIN_TOKEN}, each
 * with the name that goes into the log and into receipts. A token alone is {@code admin}'s.
 *
 * <p>Made when the application is put together, so that a token that cannot serve ends the start.
 */
@Context
final class AdminTokens {
  static final String VARIABLE = "PIPELINE_ADMIN_TOKEN";

  private final BearerTokens tokens;

  /**
   * @param tokens null or blank: nobody may change anything
   * @throws ConfigurationException where a name or a token cannot serve; it does not show the token
   */
  AdminTokens(@Nullable @Property(name = "pipeline.admin.token") String tokens) {
    this.tokens = new BearerTokens(VARIABLE, "admin", tokens);
  }

  /** True where nobody may. */
  boolean isEmpty() {
    return tokens.isEmpty();
  }

  /** The name of whoever sent this {@code Authorization} header. */
  Optional<String> nameOf(@Nullable String authorization) {
    return tokens.nameOf(authorization);
  }
}
