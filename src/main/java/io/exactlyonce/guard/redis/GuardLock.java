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
 * Lock of the one instance that rebuilds, renewed while its process lives. An instance that dies or
 * stands still for longer than the lock's length is replaced by another, and may go on later: what
 * it has loaded is refused when it publishes.
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

  /** Shortest length. The next instance waits so long for one that was killed while it rebuilt. */
  private static final Duration LENGTH = Duration.ofSeconds(10);

  /** The length is at least so many calls: a Redis that is slow for one or two must not end it. */
  private static final int CALLS = 5;

  private final RedisClusterCommands<byte[], byte[]> redis;
  private final byte[][] key;
  private final byte[] token = GuardKeys.bytes(UUID.randomUUID().toString());
  private final ScheduledExecutorService renewals;

  /**
   * Takes the lock.
   *
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
   * Length of a lock.
   *
   * @param timeout of one call
   */
  static Duration lengthFor(Duration timeout) {
    Duration calls = timeout.multipliedBy(CALLS);
    return calls.compareTo(LENGTH) > 0 ? calls : LENGTH;
  }

  /**
   * Catches failures, which would end all later renewals. Of two in a lock's length one may fail.
   */
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

  /** Also where Redis fails: what was done under the lock is done, and the lock expires. */
  @Override
  public void close() {
    renewals.shutdownNow();
    try {
      redis.eval(UNLOCK, ScriptOutputType.INTEGER, key, token);
    } catch (RedisException e) {
      LOG.warn("the lock of a rebuild was not released and expires by itself: {}", e.toString());
    }
  }
}
