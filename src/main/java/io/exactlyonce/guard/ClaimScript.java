package io.exactlyonce.guard;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The script that claims, as it lies among the resources. */
final class ClaimScript {
  /** Lua unpacks at most some 8,000 values at once, and each claim makes two. */
  static final int MOST_CLAIMS = 1000;

  private ClaimScript() {}

  static byte[] source() {
    try (InputStream in = ClaimScript.class.getResourceAsStream("claim.lua")) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("claim.lua cannot be read from the jar", e);
    }
  }
}
