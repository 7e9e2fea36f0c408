package io.exactlyonce.guard.redis;

import io.exactlyonce.guard.ClaimLog;
import io.exactlyonce.guard.MissingClaims;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongConsumer;

/** Writes rebuilt claims into the slice that the next generation begins with, a thousand a call. */
@SuppressWarnings("ArrayAsKeyOfSetOrMap") // by identity is meant: a key may be in twice
final class ClaimLoader implements ClaimLog.Sink {
  private static final int CALL = 1000;

  private final RedisClusterCommands<byte[], byte[]> redis;
  private final GuardKeys keys;
  private final String generation;
  private final long number;
  private final byte[] slice;
  private final LongConsumer progress;

  /**
   * Claims to write, in the order of the calls of {@link #claim}. Keys are compared by identity, so
   * equal ones may be in twice; Redis keeps the last.
   */
  private Map<byte[], byte[]> waiting = new LinkedHashMap<>();

  private long loaded;

  /**
   * @param generation the one that begins
   * @param number of its first slice
   * @param progress receives the number of claims loaded so far, after each call
   */
  ClaimLoader(
      RedisClusterCommands<byte[], byte[]> redis,
      GuardKeys keys,
      String generation,
      long number,
      LongConsumer progress) {
    this.redis = redis;
    this.keys = keys;
    this.generation = generation;
    this.number = number;
    this.slice = keys.slice(generation, number);
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

  /**
   * Makes the generation the current one.
   *
   * @param before state of Redis when the rebuild began
   * @param missing claims that could not be loaded
   * @return false where the lock or Redis was lost meanwhile, and nothing is changed
   */
  boolean publish(GuardLock lock, GuardStatus before, MissingClaims missing) {
    Long published =
        redis.eval(
            GuardScript.publish(),
            ScriptOutputType.INTEGER,
            new byte[][] {keys.state(), keys.lock(), slice, keys.slicePrefix()},
            lock.token(),
            GuardKeys.bytes(before.server()),
            GuardKeys.bytes(generation),
            GuardKeys.bytes(Long.toString(number)),
            GuardKeys.bytes(Long.toString(keys.sliceMillis())),
            GuardKeys.bytes(before.generation()),
            GuardKeys.bytes(missing.written(generation)));
    return published != null && published != 0;
  }

  long loaded() {
    return loaded;
  }

  /** Sets the expiry at once: a rebuild that dies half-way must leave nothing for ever. */
  private void flush() {
    redis.hset(slice, waiting);
    redis.pexpire(slice, keys.expiryMillis());
    loaded += waiting.size();
    waiting = new LinkedHashMap<>();
    progress.accept(loaded);
  }
}
