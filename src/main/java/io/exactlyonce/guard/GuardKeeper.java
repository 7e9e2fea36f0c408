package io.exactlyonce.guard;

import io.lettuce.core.RedisException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
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
    if (redis.set(keys.lock(), token, SetArgs.Builder.nx().px(LOCK)) == null) {
      throw new GuardLostException("another instance rebuilds the claims");
    }
    try {
      String standing = standing(redis);
      if (standing != null) {
        return standing;
      }
      if (!log.isEmpty()) {
        rebuild(redis, token);
      }
      return publish(redis);
    } finally {
      redis.eval(
          UNLOCK, ScriptOutputType.INTEGER, new byte[][] {keys.lock()}, new byte[][] {token});
    }
  }

  private void rebuild(RedisCommands<byte[], byte[]> redis, byte[] token) {
    LOG.warn("{}: Redis lost the claims; they are rebuilt from the log", keys.group());
    log.fence();
    ClaimLoader loader = new ClaimLoader(redis, keys, token, LOCK);
    log.replay(loader);
    loader.finish();
    LOG.warn("{}: rebuilt {} claims", keys.group(), loader.loaded());
  }

  private String publish(RedisCommands<byte[], byte[]> redis) {
    String next = UUID.randomUUID().toString();
    redis.hset(
        keys.state(),
        java.util.Map.of(GENERATION, GuardKeys.bytes(next), SERVER, GuardKeys.bytes(runId(redis))));
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
