package io.exactlyonce.guard.redis;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.guard.ClaimLog;
import io.exactlyonce.guard.ClaimsState;
import io.exactlyonce.guard.EvictionException;
import io.exactlyonce.guard.GuardLostException;
import io.exactlyonce.guard.MissingClaims;
import io.exactlyonce.receipt.Generation;
import io.lettuce.core.RedisException;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import java.time.Clock;
import java.time.Duration;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the generation of claims that a pipeline may trust, and rebuilds the claims as a new one
 * where Redis lost them: one instance at a time, behind a lock, with every producer of the group
 * fenced first. Any thread may call it; {@link #establish} and {@link #rebuild} take turns.
 */
public final class GuardKeeper {
  private static final Logger LOG = LoggerFactory.getLogger(GuardKeeper.class);
  private static final Duration FIRST_WAIT = Duration.ofSeconds(10);
  private static final Duration MAX_WAIT = Duration.ofMinutes(10);

  private final Supplier<GuardConnection> connections;
  private final GuardKeys keys;
  private final ClaimLog log;
  private final Duration lockLength;
  private final Disbelief disbelief;
  private final ServerClock clock;
  private final KnownGeneration generation = new KnownGeneration(System::nanoTime);
  private volatile String refused = "";

  /** Message that the generation known before was replaced; empty once another is known. */
  private volatile String replaced = "";

  /**
   * @param connections opens a connection; the keeper closes it
   * @param address of Redis, for messages
   * @param timeout of one call
   */
  public GuardKeeper(
      Supplier<GuardConnection> connections,
      GuardKeys keys,
      ClaimLog log,
      String address,
      Duration timeout) {
    this(
        connections,
        keys,
        log,
        GuardLock.lengthFor(timeout),
        new Disbelief(keys.group(), address, FIRST_WAIT, MAX_WAIT, System::nanoTime),
        new ServerClock(keys.group(), Clock.systemUTC()));
  }

  GuardKeeper(
      Supplier<GuardConnection> connections,
      GuardKeys keys,
      ClaimLog log,
      Duration lockLength,
      Disbelief disbelief,
      ServerClock clock) {
    this.connections = connections;
    this.keys = keys;
    this.log = log;
    this.lockLength = lockLength;
    this.disbelief = disbelief;
    this.clock = clock;
  }

  /**
   * The generation that claims carry.
   *
   * @throws GuardLostException while none is known: {@link #establish} first
   */
  public String generation() {
    String known = generation.get();
    if (known == null) {
      throw new GuardLostException("no generation of claims is known yet");
    }
    return known;
  }

  /** Whether claims are made, and under which generation; from any thread. */
  public ClaimsState state() {
    return generation.state();
  }

  /** As {@link ServerClock#latestMillis}. */
  long latestMillis() {
    return clock.latestMillis();
  }

  /**
   * The generation that a worker's claims carry from here on, after a check that it is the log's
   * newest; null while none is known. To be called by a worker that has made its producers: a
   * rebuild that is not in the log yet will fence them.
   *
   * @throws GuardLostException where the known generation was replaced, or Redis is not trusted:
   *     {@link #establish} first
   */
  @Nullable String adopt() {
    String known = generation.get();
    if (known == null) {
      String why = disbelief.text().isEmpty() ? replaced : disbelief.text();
      if (why.isEmpty()) {
        return null;
      }
      throw new GuardLostException(why);
    }
    String newest = log.newest();
    if (!known.equals(newest)) {
      replaced =
          "claims of generation " + known + " were replaced, the newest in the log is " + newest;
      generation.forget();
      throw new GuardLostException(replaced);
    }
    return known;
  }

  /** Notes that a claim under this generation was refused, so that it is not trusted any more. */
  public void suspect(String wasRefused) {
    if (wasRefused.equals(generation.get())) {
      refused = wasRefused;
      generation.forget();
    }
  }

  /**
   * Adopts the generation in Redis where it is whole and the log's newest, or rebuilds the claims
   * from the log. Does nothing while a generation is known.
   *
   * @throws RedisException where Redis does not answer, or is a replica
   * @throws EvictionException where Redis may evict claims
   * @throws GuardLostException where another instance rebuilds, or Redis is not trusted; try again
   */
  public synchronized void establish() {
    if (generation.get() != null) {
      return;
    }
    try (GuardConnection connection = connections.get()) {
      GuardStatus status = look(connection.sync());
      if (isTrusted(status) && status.sliceMillis() > keys.sliceMillis()) {
        LOG.info(
            "{}: claims are kept for {} ms, longer than this instance's guard.window; to shorten"
                + " that, set the same guard.window on all instances, then run rebuild-guard",
            keys.group(),
            status.sliceMillis() * 2);
      }
      String found =
          isTrusted(status) && isNewest(connection.sync(), status) && isWhole(status)
              ? taken(status)
              : renew(connection.sync());
      disbelief.end();
      replaced = "";
      generation.set(found);
    }
  }

  /**
   * Whether it is the log's newest generation. False where the log has none, or has another and the
   * wait for it is over.
   */
  private boolean isNewest(RedisClusterCommands<byte[], byte[]> redis, GuardStatus status) {
    String newest = log.newest();
    if (newest.isEmpty() || newest.equals(status.generation())) {
      return !newest.isEmpty();
    }
    if (!look(redis).generation().equals(status.generation())) {
      throw new GuardLostException("another instance rebuilds the claims");
    }
    disbelief.meet(status.generation(), newest);
    return false;
  }

  /**
   * Whether every record that was processed since the generation began has its claim in it, and the
   * next claim ends no slice too early.
   */
  private boolean isWhole(GuardStatus status) {
    if (clock.endsSlicesEarly(status)) {
      return false;
    }
    // Generations without a number are of versions whose receipts carry no generation.
    String unguarded = Generation.number(status.generation()) > 0 ? log.unguarded() : "";
    if (!unguarded.isEmpty()) {
      LOG.warn(
          "{}: records were processed without the guard (receipt {}), so the claims are rebuilt;"
              + " this repeats while an instance of the group runs with guard.store: off",
          keys.group(),
          unguarded);
    }
    return unguarded.isEmpty();
  }

  private String taken(GuardStatus status) {
    log.know(MissingClaims.read(status.missing(), status.generation()));
    return status.generation();
  }

  /**
   * Rebuilds the claims, even if those in Redis are whole. Claims of the generation before are
   * refused from here on, so that workers adopt the new one.
   *
   * @param progress receives the number of claims loaded so far, now and then
   * @return how many claims were loaded
   * @throws GuardLostException where another instance is rebuilding
   */
  public synchronized long rebuild(LongConsumer progress) {
    try (GuardConnection connection = connections.get()) {
      look(connection.sync());
      try (GuardLock lock = new GuardLock(connection.sync(), keys, lockLength)) {
        return generation.whileRebuilding(() -> rebuild(connection.sync(), lock, progress));
      }
    }
  }

  /** Also checks that no claim was refused: a generation that looks whole can lack a slice. */
  private boolean isTrusted(GuardStatus status) {
    return status.stands(keys) && !status.generation().equals(refused);
  }

  private GuardStatus look(RedisClusterCommands<byte[], byte[]> redis) {
    long readAt = System.nanoTime();
    GuardStatus status = GuardStatus.of(redis, keys);
    clock.post(status, readAt);
    if (status.mayEvict()) {
      throw new EvictionException(status.evictionPolicy());
    }
    if (!status.isPrimary()) {
      throw new RedisException("READONLY it is a replica");
    }
    return status;
  }

  private String renew(RedisClusterCommands<byte[], byte[]> redis) {
    try (GuardLock lock = new GuardLock(redis, keys, lockLength)) {
      GuardStatus status = look(redis);
      if (isTrusted(status) && !disbelief.isOver(status.generation()) && isWhole(status)) {
        adopted(status);
        return taken(status);
      }
      long loaded = generation.whileRebuilding(() -> rebuild(redis, lock, count -> {}));
      LOG.info("{}: {} claims were rebuilt from the log", keys.group(), loaded);
      return requireNonNull(generation.get());
    }
  }

  /** Checks that the log has the generation that another instance published, or announces it. */
  private void adopted(GuardStatus status) {
    String standing = status.generation();
    String newest = log.newest();
    if (newest.isEmpty()) {
      log.announce(others -> sameOr(others, standing));
    } else {
      sameOr(newest, standing);
    }
  }

  private static String sameOr(String newest, String standing) {
    if (!newest.isEmpty() && !newest.equals(standing)) {
      throw new GuardLostException(
          "Redis holds claims of generation " + standing + ", the newest in the log is " + newest);
    }
    return standing;
  }

  private long rebuild(
      RedisClusterCommands<byte[], byte[]> redis, GuardLock lock, LongConsumer progress) {
    GuardStatus status = look(redis);
    // No worker may claim under the old generation while the log is read.
    redis.hdel(keys.state(), GuardKeys.bytes("generation"));
    // Announced even if nothing was committed yet: a worker may hold records that it claimed. A
    // crash from here on leaves a log that is ahead of Redis, so that the next instance rebuilds.
    String next = log.announce(newest -> Generation.after(newest, status.generation()));
    // Under new keys: an old claim may name a position that was committed since, as a duplicate of
    // a claim that is lost, and another rebuild that still runs may load such claims.
    ClaimLoader loader = new ClaimLoader(redis, keys, next, status.loadingSlice(keys), progress);
    MissingClaims missing = MissingClaims.NONE;
    if (!log.isEmpty()) {
      LOG.warn("{}: the claims in Redis are rebuilt from the log", keys.group());
      log.replay(loader);
      loader.finish();
      missing = log.missing();
    }
    if (!loader.publish(lock, status, missing)) {
      throw new GuardLostException(
          "Redis was lost again, or another instance took over, meanwhile");
    }
    generation.set(next);
    return loader.loaded();
  }
}
