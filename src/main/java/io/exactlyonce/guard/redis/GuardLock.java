package io.exactlyonce.guard.redis;

import io.exactlyonce.guard.GuardLostException;
import io.lettuce.core.RedisException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SetArgs;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Held by the one instance that rebuilds, and renewed as long as it lives. Whoever dies or stands
 * still for longer than the lock is replaced; what such a one still does is refused when it
 * publishes.
 */
final class GuardLock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GuardLock.class);
  private static final byte[] RENEW =
      GuardKeys.bytes(
          "if redis.call('GET', KEYS[1]) == ARGV[1] then"
              + " return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0");
  private static final byte[] UNLOCK =
      GuardKeys.bytes(
          "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end"
              + " return 0");

  /** Whoever is killed while it rebuilds holds the next one up for so long. */
  private static final Duration LENGTH = Duration.ofSeconds(10);

  /** It outlives so many calls: a Redis that is slow for one or two must not take it away. */
  private static final int CALLS = 5;

  private final RedisClusterCommands<byte[], byte[]> redis;
  private final byte[][] key;
  private final byte[] token = GuardKeys.bytes(UUID.randomUUID().toString());
  private final ScheduledExecutorService renewals;

  /**
   * @throws GuardLostException where another instance holds it
   */
  GuardLock(RedisClusterCommands<byte[], byte[]> redis, GuardKeys keys, Duration length) {
    this.redis = redis;
    this.key = new byte[][] {keys.lock()};
    if (redis.set(keys.lock(), token, SetArgs.Builder.nx().px(length)) == null) {
      throw new GuardLostException("another instance rebuilds the claims");
    }
    this.renewals =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, keys.group() + "-rebuild-lock");
              thread.setDaemon(true);
              return thread;
            });
    byte[] millis = GuardKeys.bytes(Long.toString(length.toMillis()));
    long pause = length.toMillis() / 3;
    renewals.scheduleAtFixedRate(() -> renew(millis), pause, pause, TimeUnit.MILLISECONDS);
  }

  /**
   * @param timeout of one call
   */
  static Duration lengthFor(Duration timeout) {
    Duration calls = timeout.multipliedBy(CALLS);
    return calls.compareTo(LENGTH) > 0 ? calls : LENGTH;
  }

  /** What is thrown here would end all further renewals, and there are two to a lock's length. */
  private void renew(byte[] millis) {
    try {
      redis.eval(RENEW, ScriptOutputType.INTEGER, key, token, millis);
    } catch (RedisException e) {
      LOG.warn("the lock of a rebuild was not renewed, it is tried again: {}", e.toString());
    }
  }

  byte[] token() {
    return token;
  }

  @Override
  public void close() {
    renewals.shutdownNow();
    redis.eval(UNLOCK, ScriptOutputType.INTEGER, key, token);
  }
}
