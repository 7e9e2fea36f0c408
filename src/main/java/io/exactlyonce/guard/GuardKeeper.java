package io.exactlyonce.guard;

import io.lettuce.core.RedisException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows the generation of claims that a pipeline may trust, and makes a new one where Redis lost
 * it: one instance at a time, behind a lock, with every producer of the group fenced first.
 *
 * <p>Any worker may call it; calls take turns.
 */
public final class GuardKeeper {
  private static final Logger LOG = LoggerFactory.getLogger(GuardKeeper.class);
  private static final Pattern RUN_ID = Pattern.compile("run_id:(\\w+)");
  private static final Pattern POLICY = Pattern.compile("maxmemory_policy:([\\w-]+)");
  private static final Duration LOCK = Duration.ofSeconds(60);
  private static final byte[] GENERATION = GuardKeys.bytes("generation");
  private static final byte[] SERVER = GuardKeys.bytes("server");
  private static final byte[] PUBLISH =
      GuardKeys.bytes(
          "if redis.call('GET', KEYS[2]) ~= ARGV[1]"
              + " or string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') ~= ARGV[2]"
              + " then return 0 end"
              + " redis.call('HSET', KEYS[1], 'generation', ARGV[3], 'server', ARGV[2]) return 1");
  private static final byte[] RENEW =
      GuardKeys.bytes(
          "if redis.call('GET', KEYS[1]) == ARGV[1] then"
              + " return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0");
  private static final byte[] UNLOCK =
      GuardKeys.bytes(
          "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end"
              + " return 0");

  private final Supplier<StatefulRedisConnection<byte[], byte[]>> connections;
  private final GuardKeys keys;
  private final ClaimLog log;
  private volatile String generation;

  /**
   * @param connections opens a connection; the keeper closes it
   */
  public GuardKeeper(
      Supplier<StatefulRedisConnection<byte[], byte[]>> connections, GuardKeys keys, ClaimLog log) {
    this.connections = connections;
    this.keys = keys;
    this.log = log;
  }

  /**
   * The generation that claims carry.
   *
   * @throws GuardLostException while none is known: {@link #establish} first
   */
  public String generation() {
    String known = generation;
    if (known == null) {
      throw new GuardLostException("no generation of claims is known yet");
    }
    return known;
  }

  /** A claim was refused under this generation. */
  public void suspect(String refused) {
    if (refused.equals(generation)) {
      generation = null;
    }
  }

  /**
   * Adopts the generation that stands in Redis, or rebuilds the claims from the log.
   *
   * @throws RedisException where Redis does not answer
   * @throws EvictionException where Redis may evict claims
   * @throws GuardLostException where another instance is rebuilding; try again
   */
  public synchronized void establish() {
    if (generation != null) {
      return;
    }
    try (StatefulRedisConnection<byte[], byte[]> connection = connections.get()) {
      RedisCommands<byte[], byte[]> redis = connection.sync();
      refuseEviction(redis);
      String standing = standing(redis);
      generation = standing != null ? standing : renew(redis);
    }
  }

  private void refuseEviction(RedisCommands<byte[], byte[]> redis) {
    Matcher policy = POLICY.matcher(redis.info("memory"));
    if (policy.find() && !policy.group(1).equals("noeviction")) {
      throw new EvictionException(policy.group(1));
    }
  }

  /** The generation in Redis; null where there is none, or another server made it. */
  private String standing(RedisCommands<byte[], byte[]> redis) {
    byte[] found = redis.hget(keys.state(), GENERATION);
    byte[] server = redis.hget(keys.state(), SERVER);
    return found != null && server != null && text(server).equals(runId(redis))
        ? text(found)
        : null;
  }

  private String renew(RedisCommands<byte[], byte[]> redis) {
    byte[] token = GuardKeys.bytes(UUID.randomUUID().toString());
    byte[] server = GuardKeys.bytes(runId(redis));
    if (redis.set(keys.lock(), token, SetArgs.Builder.nx().px(LOCK)) == null) {
      throw new GuardLostException("another instance rebuilds the claims");
    }
    ScheduledExecutorService renewals = keepLock(redis, token);
    try {
      String standing = standing(redis);
      if (standing != null) {
        return standing;
      }
      // Even where nothing was committed yet somebody may hold work that was admitted.
      log.fence();
      if (!log.isEmpty()) {
        rebuild(redis);
      }
      return publish(redis, token, server);
    } finally {
      renewals.shutdownNow();
      redis.eval(
          UNLOCK, ScriptOutputType.INTEGER, new byte[][] {keys.lock()}, new byte[][] {token});
    }
  }

  /**
   * A rebuild takes as long as it takes; whoever stands still for longer than the lock is replaced.
   */
  private ScheduledExecutorService keepLock(RedisCommands<byte[], byte[]> redis, byte[] token) {
    ScheduledExecutorService renewals =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, keys.group() + "-rebuild-lock");
              thread.setDaemon(true);
              return thread;
            });
    byte[] millis = GuardKeys.bytes(Long.toString(LOCK.toMillis()));
    byte[][] lock = {keys.lock()};
    renewals.scheduleAtFixedRate(
        () -> redis.eval(RENEW, ScriptOutputType.INTEGER, lock, token, millis),
        LOCK.toSeconds() / 3,
        LOCK.toSeconds() / 3,
        TimeUnit.SECONDS);
    return renewals;
  }

  private void rebuild(RedisCommands<byte[], byte[]> redis) {
    LOG.warn("{}: Redis lost the claims; they are rebuilt from the log", keys.group());
    ClaimLoader loader = new ClaimLoader(redis, keys);
    log.replay(loader);
    loader.finish();
    LOG.warn("{}: rebuilt {} claims", keys.group(), loader.loaded());
  }

  /** Only on the server that the claims were loaded into, and while the lock is still ours. */
  private String publish(RedisCommands<byte[], byte[]> redis, byte[] token, byte[] server) {
    String next = UUID.randomUUID().toString();
    Long published =
        redis.eval(
            PUBLISH,
            ScriptOutputType.INTEGER,
            new byte[][] {keys.state(), keys.lock()},
            token,
            server,
            GuardKeys.bytes(next));
    if (published == null || published == 0) {
      throw new GuardLostException(
          "Redis was lost again, or another instance took over, meanwhile");
    }
    return next;
  }

  private static String runId(RedisCommands<byte[], byte[]> redis) {
    Matcher matcher = RUN_ID.matcher(redis.info("server"));
    if (!matcher.find()) {
      throw new RedisException("INFO server tells no run_id");
    }
    return matcher.group(1);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
