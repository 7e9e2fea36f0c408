package io.exactlyonce.guard.redis;

import io.exactlyonce.guard.ClaimLog;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/**
 * Claim log with a given number of claims. Several can share the generation, as instances share a
 * log.
 *
 * @param generation the newest; empty where none was announced
 * @param claims how many; 0: the group has never committed anything
 * @param halfway called in the middle of a replay
 */
public record GivenLog(AtomicReference<String> generation, int claims, Runnable halfway)
    implements ClaimLog {

  @Override
  public boolean isEmpty() {
    return claims == 0;
  }

  @Override
  public String newest() {
    return generation.get();
  }

  @Override
  public String announce(UnaryOperator<String> next) {
    generation.set(next.apply(generation.get()));
    return generation.get();
  }

  @Override
  public void replay(Sink sink) {
    for (int i = 0; i < claims; i++) {
      sink.claim(bytes("id" + i), bytes("p" + i));
      if (i == claims / 2) {
        halfway.run();
      }
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
