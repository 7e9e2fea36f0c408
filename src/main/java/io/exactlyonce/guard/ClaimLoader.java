package io.exactlyonce.guard;

import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Writes rebuilt claims into the slice that is current, a thousand a call, and keeps the lock alive
 * as it goes: a rebuilder that stands still for longer than the lock lasts is replaced.
 */
final class ClaimLoader implements ClaimLog.Sink {
  private static final int CALL = 1000;

  private final RedisCommands<byte[], byte[]> redis;
  private final GuardKeys keys;
  private final byte[] token;
  private final Duration lock;
  private final byte[] slice;
  private Map<byte[], byte[]> waiting = new HashMap<>();
  private long loaded;

  ClaimLoader(RedisCommands<byte[], byte[]> redis, GuardKeys keys, byte[] token, Duration lock) {
    this.redis = redis;
    this.keys = keys;
    this.token = token;
    this.lock = lock;
    long seconds = Long.parseLong(new String(redis.time().get(0)));
    long number = seconds * 1000 / keys.sliceMillis();
    byte[] prefix = keys.slicePrefix();
    this.slice = GuardKeys.bytes(new String(prefix) + number);
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
    if (loaded > 0) {
      redis.pexpire(slice, keys.sliceMillis() * 4);
    }
  }

  long loaded() {
    return loaded;
  }

  private void flush() {
    byte[] holder = redis.get(keys.lock());
    if (holder == null || !java.util.Arrays.equals(holder, token)) {
      throw new GuardLostException("the rebuild took too long and another instance took over");
    }
    redis.pexpire(keys.lock(), lock);
    redis.hset(slice, waiting);
    loaded += waiting.size();
    waiting = new HashMap<>();
  }
}
