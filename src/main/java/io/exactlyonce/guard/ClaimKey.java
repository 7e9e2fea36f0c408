package io.exactlyonce.guard;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * An event id as the guard stores it: itself up to 13 bytes, else the first 14 bytes of its
 * SHA-256. The two never collide, since their lengths differ. 112 bits of a cryptographic hash
 * leave a chance of 1 in 10^13 that any two of 10^10 ids agree, and nobody can choose ids that do.
 *
 * <p>Not thread-safe: each worker has its own.
 */
public final class ClaimKey {
  static final int HASHED_BYTES = 14;
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
