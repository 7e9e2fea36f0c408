package io.exactlyonce.cli;

import io.exactlyonce.explain.Explain;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The claim on the id that is asked for, looked up while the cluster is asked whether it is there:
 * in a process that has just begun the loading of a client's classes takes most of the time.
 *
 * @param others finds the claims on other ids
 */
record EarlyClaim(byte[] id, CompletableFuture<Optional<byte[]>> early, Explain.Claims others)
    implements Explain.Claims {

  static EarlyClaim ask(String id, Explain.Claims claims) {
    byte[] bytes = id.getBytes(StandardCharsets.UTF_8);
    return new EarlyClaim(
        bytes,
        CompletableFuture.supplyAsync(() -> claims.find(bytes), EarlyReaders::onOwnThread),
        claims);
  }

  @Override
  public Optional<byte[]> find(byte[] eventId) {
    if (!Arrays.equals(id, eventId)) {
      return others.find(eventId);
    }
    try {
      return early.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException known ? known : e;
    }
  }
}
