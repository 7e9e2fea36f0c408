package io.exactlyonce.guard;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * An event id as the guard stores it: itself up to 15 bytes, else the first 128 bits of its
 * SHA-256. An id and a hash never collide, since their lengths differ; ids whose hashes agree
 * cannot be found with any practical effort.
 *
 * <p>Not thread-safe: each worker has its own.
 */
public final class ClaimKey {
  static final int HASHED_BYTES = 16;
  private final MessageDigest digest;

  public ClaimKey() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  public byte[] of(byte[] eventId) {
    return eventId.length < HASHED_BYTES
        ? eventId
        : Arrays.copyOf(digest.digest(eventId), HASHED_BYTES);
  }
}
