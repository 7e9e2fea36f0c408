package io.exactlyonce.ops.access;

import io.exactlyonce.config.ConfigurationException;
import io.micronaut.context.annotation.Context;
import io.micronaut.context.annotation.Property;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The bearer tokens of {@code PIPELINE_ADMIN_TOKEN}, which allow changes, each with the name of its
 * operator for the log and receipts. A token without a name is that of {@code admin}.
 *
 * <p>Made when the application context starts, so that an invalid token ends the start.
 */
@Context
final class AdminTokens {
  static final String VARIABLE = "PIPELINE_ADMIN_TOKEN";

  private final BearerTokens tokens;

  /**
   * @param tokens null or blank: nobody may change anything
   * @throws ConfigurationException where a name or a token is invalid; the message does not show
   *     the token
   */
  AdminTokens(@Nullable @Property(name = "pipeline.admin.token") String tokens) {
    this.tokens = new BearerTokens(VARIABLE, "admin", tokens);
  }

  /** Whether there is no token, so that nobody may change anything. */
  boolean isEmpty() {
    return tokens.isEmpty();
  }

  /**
   * Name of the operator whose token this {@code Authorization} header has; empty where it has none
   * of them.
   */
  Optional<String> nameOf(@Nullable String authorization) {
    return tokens.nameOf(authorization);
  }
}
