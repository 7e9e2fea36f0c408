package io.exactlyonce.ops.access;

import io.micronaut.http.HttpRequest;
import java.util.Optional;

/** Sender of a request, by the token that {@link AdminFilter} found in it. */
public final class Sender {
  /** What to send with a request that needs an admin token, for messages. */
  public static final String HOW_TO_BE_KNOWN =
      "a token of " + AdminTokens.VARIABLE + " as Authorization: Bearer";

  /** Attribute of the request with the name of the operator; absent without an admin token. */
  static final String ADMIN = "io.exactlyonce.admin";

  /** Attribute of the request that is present where its token allows reading. */
  static final String VIEWER = "io.exactlyonce.viewer";

  private Sender() {}

  /** Name of the operator who sent the request; empty without an admin token. */
  public static Optional<String> admin(HttpRequest<?> request) {
    return request.getAttribute(ADMIN, String.class);
  }

  /**
   * Name of the operator who sent a change, which the filter has let pass.
   *
   * @throws java.util.NoSuchElementException where the request did not pass it
   */
  public static String who(HttpRequest<?> request) {
    return admin(request).orElseThrow();
  }

  /** Whether the request has a token that allows reading; an admin token does too. */
  public static boolean mayLook(HttpRequest<?> request) {
    return request.getAttribute(VIEWER).isPresent();
  }
}
