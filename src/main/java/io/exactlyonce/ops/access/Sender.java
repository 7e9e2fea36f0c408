package io.exactlyonce.ops.access;

import io.micronaut.http.HttpRequest;
import java.util.Optional;

/** Who sent a request, by the token that {@link AdminFilter} found in it. */
public final class Sender {
  /** What to do to be known, for an answer to whoever is not. */
  public static final String HOW_TO_BE_KNOWN =
      "a token of " + AdminTokens.VARIABLE + " as Authorization: Bearer";

  /** The request's attribute with the name of whoever sent an admin token. */
  static final String ADMIN = "io.exactlyonce.admin";

  /** The attribute that is there where the token is one to look with. */
  static final String VIEWER = "io.exactlyonce.viewer";

  private Sender() {}

  /** The name of a sender who may act; empty for anybody else. */
  public static Optional<String> admin(HttpRequest<?> request) {
    return request.getAttribute(ADMIN, String.class);
  }

  /**
   * The same for a change, which came through the filter.
   *
   * @throws java.util.NoSuchElementException where it did not
   */
  public static String who(HttpRequest<?> request) {
    return admin(request).orElseThrow();
  }

  /** Whether a token came with it that may look, or act. */
  public static boolean mayLook(HttpRequest<?> request) {
    return request.getAttribute(VIEWER).isPresent();
  }
}
