package io.exactlyonce.guard;

import io.lettuce.core.RedisException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import java.time.Duration;
import java.util.UUID;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
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
  private static final Duration LOCK = Duration.ofSeconds(60);

  private final Supplier<GuardConnection> connections;
  private final GuardKeys keys;
  private final ClaimLog log;
  private final Duration lockLength;
  private volatile String generation;
  private volatile String refused = "";

  /**
   * @param connections opens a connection; the keeper closes it
   */
  public GuardKeeper(Supplier<GuardConnection> connections, GuardKeys keys, ClaimLog log) {
    this(connections, keys, log, LOCK);
  }

  GuardKeeper(
      Supplier<GuardConnection> connections, GuardKeys keys, ClaimLog log, Duration lockLength) {
    this.connections = connections;
    this.keys = keys;
    this.log = log;
    this.lockLength = lockLength;
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

  /** The generation that claims carry; null while none is known. */
  String known() {
    return generation;
  }

  /** A claim was refused under this generation. */
  public void suspect(String wasRefused) {
    if (wasRefused.equals(generation)) {
      refused = wasRefused;
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
    try (GuardConnection connection = connections.get()) {
      GuardStatus status = look(connection.sync());
      generation = isTrusted(status) ? status.generation() : renew(connection.sync());
    }
  }

  /**
   * Rebuilds the claims whether or not they stand: whoever holds the standing generation is refused
   * from here on and adopts the new one.
   *
   * @param progress is told how many claims are loaded, now and then
   * @return how many claims were loaded
   * @throws GuardLostException where another instance is rebuilding
   */
  public synchronized long rebuild(LongConsumer progress) {
    try (GuardConnection connection = connections.get()) {
      RedisClusterCommands<byte[], byte[]> redis = connection.sync();
      look(redis);
      try (GuardLock lock = new GuardLock(redis, keys, lockLength)) {
        return rebuild(redis, lock, progress);
      }
    }
  }

  /** A generation that stands can lack a slice: then claims under it were refused. */
  private boolean isTrusted(GuardStatus status) {
    return status.stands() && !status.generation().equals(refused);
  }

  private GuardStatus look(RedisClusterCommands<byte[], byte[]> redis) {
    GuardStatus status = GuardStatus.of(redis, keys);
    if (!status.evictionPolicy().equals("noeviction")) {
      throw new EvictionException(status.evictionPolicy());
    }
    if (!status.role().equals("master")) {
      throw new RedisException("READONLY it is a replica");
    }
    return status;
  }

  private String renew(RedisClusterCommands<byte[], byte[]> redis) {
    try (GuardLock lock = new GuardLock(redis, keys, lockLength)) {
      GuardStatus status = look(redis);
      if (isTrusted(status)) {
        return status.generation();
      }
      long loaded = rebuild(redis, lock, count -> {});
      LOG.info("{}: Redis did not hold the claims; {} come from the log", keys.group(), loaded);
      return generation;
    }
  }

  private long rebuild(
      RedisClusterCommands<byte[], byte[]> redis, GuardLock lock, LongConsumer progress) {
    GuardStatus status = look(redis);
    // Nobody may claim under the old generation once the log is being read.
    redis.hdel(keys.state(), GuardKeys.bytes("generation"));
    // Even where nothing was committed yet somebody may hold work that was admitted.
    log.fence();
    // Into keys of its own: a claim from before may stand for a position that was committed since,
    // as a duplicate of a claim that is lost, and one that another rebuild loads may be of before.
    String next = Long.toHexString(UUID.randomUUID().getMostSignificantBits());
    long number = status.loadingSlice(keys);
    byte[] slice = keys.slice(next, number);
    ClaimLoader loader = new ClaimLoader(redis, keys, slice, progress);
    if (!log.isEmpty()) {
      LOG.warn("{}: Redis lost the claims; they are rebuilt from the log", keys.group());
      log.replay(loader);
      loader.finish();
    }
    Long published =
        redis.eval(
            GuardScript.publish(),
            ScriptOutputType.INTEGER,
            new byte[][] {keys.state(), keys.lock(), slice, keys.slicePrefix()},
            lock.token(),
            GuardKeys.bytes(status.server()),
            GuardKeys.bytes(next),
            GuardKeys.bytes(Long.toString(number)),
            GuardKeys.bytes(Long.toString(keys.expiryMillis())),
            GuardKeys.bytes(status.generation()));
    if (published == null || published == 0) {
      throw new GuardLostException(
          "Redis was lost again, or another instance took over, meanwhile");
    }
    generation = next;
    return loader.loaded();
  }
}
