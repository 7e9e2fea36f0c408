package io.exactlyonce.guard.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The guard's Lua scripts, which are among the resources. */
final class GuardScript {
  /** Most claims of one call. Lua unpacks at most some 8,000 values, and each claim makes two. */
  static final int MAX_CLAIMS = 1000;

  private GuardScript() {}

  static byte[] claim() {
    return source("claim.lua");
  }

  static byte[] look() {
    return source("look.lua");
  }

  static byte[] facts() {
    return source("facts.lua");
  }

  static byte[] publish() {
    return source("publish.lua");
  }

  static byte[] release() {
    return source("release.lua");
  }

  private static byte[] source(String name) {
    try (InputStream in = GuardScript.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be read from the jar", e);
    }
  }
}
