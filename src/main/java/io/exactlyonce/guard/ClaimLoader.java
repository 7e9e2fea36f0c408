package io.exactlyonce.guard;

import io.lettuce.core.api.sync.RedisCommands;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Writes rebuilt claims into the slice that is current for the claim script too, a thousand a call.
 */
final class ClaimLoader implements ClaimLog.Sink {
  private static final int CALL = 1000;

  private final RedisCommands<byte[], byte[]> redis;
  private final GuardKeys keys;
  private final byte[] slice;
  private Map<byte[], byte[]> waiting = new HashMap<>();
  private long loaded;

  ClaimLoader(RedisCommands<byte[], byte[]> redis, GuardKeys keys) {
    this.redis = redis;
    this.keys = keys;
    long now = number(redis.time().get(0)) * 1000 / keys.sliceMillis();
    byte[] highest = redis.hget(keys.state(), GuardKeys.bytes("slice"));
    // The script never goes back behind the highest slice, however the server's clock stands.
    long number = highest == null ? now : Math.max(now, number(highest));
    String prefix = new String(keys.slicePrefix(), StandardCharsets.UTF_8);
    this.slice = GuardKeys.bytes(prefix + number);
  }

  @Override
  public void claim(byte[] key, byte[] position) {
    waiting.put(key, position);
    if (waiting.size() == CALL) {
      flush();
    }
  }

  void finish() {
    if (!waiting.isEmpty()) {
      flush();
    }
  }

  long loaded() {
    return loaded;
  }

  /** With its expiry at once: a rebuild that dies half-way must leave nothing for ever. */
  private void flush() {
    redis.hset(slice, waiting);
    redis.pexpire(slice, keys.sliceMillis() * 4);
    loaded += waiting.size();
    waiting = new HashMap<>();
  }

  private static long number(byte[] digits) {
    return Long.parseLong(new String(digits, StandardCharsets.UTF_8));
  }
}
