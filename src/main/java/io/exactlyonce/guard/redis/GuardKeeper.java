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
 * Knows the generation of claims that a pipeline may trust, and makes a new one where Redis lost
 * it: one instance at a time, behind a lock, with every producer of the group fenced first. Any
 * worker may call it; calls take turns.
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

  /** Says that the generation known before is not the newest; empty once another is known. */
  private volatile String replaced = "";

  /**
   * @param connections opens a connection; the keeper closes it
   * @param address where it leads, for messages
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
   * The generation that a worker's claims carry from here on, which the log says is the newest;
   * null while none is known. To be called by a worker that has made its producers: a rebuild that
   * the log does not tell of yet fences them.
   *
   * @throws GuardLostException where the generation that is known was replaced: {@link #establish}
   *     first
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

  /** A claim was refused under this generation. */
  public void suspect(String wasRefused) {
    if (wasRefused.equals(generation.get())) {
      refused = wasRefused;
      generation.forget();
    }
  }

  /**
   * Adopts the generation that stands in Redis where the log says that it is the newest, or
   * rebuilds the claims from the log.
   *
   * @throws RedisException where Redis does not answer
   * @throws EvictionException where Redis may evict claims
   * @throws GuardLostException where another instance is rebuilding, or Redis is not believed; try
   *     again
   */
  public synchronized void establish() {
    if (generation.get() != null) {
      return;
    }
    try (GuardConnection connection = connections.get()) {
      GuardStatus status = look(connection.sync());
      if (isTrusted(status) && status.sliceMillis() > keys.sliceMillis()) {
        LOG.info(
            "{}: claims are kept for {} ms, longer than guard.window says here; run rebuild-guard"
                + " once no instance has the longer one, to keep them for less",
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
   * Whether the log says so too. False where it knows no generation, and where Redis was not
   * believed for long enough.
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

  /** Whether all that was processed since the generation began has its claim in it. */
  private boolean isWhole(GuardStatus status) {
    if (clock.endsSlicesEarly(status)) {
      return false;
    }
    // Versions that did not count generations did not name them in receipts either.
    String unguarded = Generation.number(status.generation()) > 0 ? log.unguarded() : "";
    if (!unguarded.isEmpty()) {
      LOG.warn(
          "{}: records were processed without the guard since (receipt {}), so the claims are"
              + " rebuilt; an instance with guard.store off that runs on makes this so again",
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
   * Rebuilds the claims whether or not they stand: whoever holds the standing generation is refused
   * from here on and adopts the new one.
   *
   * @param progress is told how many claims are loaded, now and then
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

  /** A generation that stands can lack a slice: then claims under it were refused. */
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
      LOG.info("{}: Redis did not hold the claims; {} come from the log", keys.group(), loaded);
      return requireNonNull(generation.get());
    }
  }

  /** What another instance has published; and where the log knows none, it learns of it. */
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
    // Nobody may claim under the old generation once the log is being read.
    redis.hdel(keys.state(), GuardKeys.bytes("generation"));
    // Even where nothing was committed yet somebody may hold work that was admitted. A crash from
    // here on leaves a log that is ahead of Redis: the next one rebuilds.
    String next = log.announce(newest -> Generation.after(newest, status.generation()));
    // Into keys of its own: a claim from before may stand for a position that was committed since,
    // as a duplicate of a claim that is lost, and one that another rebuild loads may be of before.
    ClaimLoader loader = new ClaimLoader(redis, keys, next, status.loadingSlice(keys), progress);
    MissingClaims missing = MissingClaims.NONE;
    if (!log.isEmpty()) {
      LOG.warn("{}: Redis lost the claims; they are rebuilt from the log", keys.group());
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
