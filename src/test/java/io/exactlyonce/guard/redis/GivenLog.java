package io.exactlyonce.guard.redis;

import io.exactlyonce.guard.ClaimLog;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/**
 * A log that proves so many claims. What it says of generations several may share, as instances
 * share a log.
 *
 * @param generation the newest; empty where none was announced
 * @param claims how many; the group never committed anything where there are none
 * @param halfway called in the middle of them
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
