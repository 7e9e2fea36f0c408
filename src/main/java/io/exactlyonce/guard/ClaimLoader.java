package io.exactlyonce.guard;

import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongConsumer;

/** Writes rebuilt claims into the slice that the next generation begins with, a thousand a call. */
final class ClaimLoader implements ClaimLog.Sink {
  private static final int CALL = 1000;

  private final RedisClusterCommands<byte[], byte[]> redis;
  private final GuardKeys keys;
  private final byte[] slice;
  private final LongConsumer progress;

  /**
   * In the order in which they were told: keys are compared by identity, so one may be in twice.
   */
  private Map<byte[], byte[]> waiting = new LinkedHashMap<>();

  private long loaded;

  ClaimLoader(
      RedisClusterCommands<byte[], byte[]> redis,
      GuardKeys keys,
      byte[] slice,
      LongConsumer progress) {
    this.redis = redis;
    this.keys = keys;
    this.slice = slice;
    this.progress = progress;
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
    redis.pexpire(slice, keys.expiryMillis());
    loaded += waiting.size();
    waiting = new LinkedHashMap<>();
    progress.accept(loaded);
  }
}
