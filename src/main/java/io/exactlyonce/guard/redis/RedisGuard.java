package io.exactlyonce.guard.redis;

import io.exactlyonce.guard.ClaimBatch;
import io.exactlyonce.guard.Guard;
import io.exactlyonce.guard.GuardLostException;
import io.exactlyonce.guard.GuardRenewedException;
import io.exactlyonce.guard.GuardUnavailableException;
import io.exactlyonce.guard.TopicTag;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims in Redis: one script call per thousand records of a poll, all calls of a poll in one round
 * trip, on the worker's own connection, so that claims are made in the order in which they are
 * asked.
 */
public final class RedisGuard implements Guard {
  private static final Logger LOG = LoggerFactory.getLogger(RedisGuard.class);

  private final StatefulConnection<byte[], byte[]> connection;
  private final RedisClusterAsyncCommands<byte[], byte[]> redis;
  private final GuardKeeper keeper;
  private final Duration timeout;
  private final Executor rebuilds;
  private final byte[] script = GuardScript.claim();
  private final String digest;
  private final byte[][] keys;
  private final ClaimRelease release;
  private @Nullable String adopted;
  private CompletableFuture<Void> establishing = CompletableFuture.completedFuture(null);

  /**
   * @param connection this worker's own; closed with the guard
   * @param keeper has the generation that claims carry
   * @param timeout an answer that takes longer fails the claim
   * @param rebuilds runs rebuilds and releases of claims, away from the worker's thread
   */
  public RedisGuard(
      GuardConnection connection,
      GuardKeys keys,
      GuardKeeper keeper,
      Duration timeout,
      Executor rebuilds) {
    this.connection = connection.connection();
    this.redis = connection.async();
    this.keeper = keeper;
    this.timeout = timeout;
    this.rebuilds = rebuilds;
    this.digest = redis.digest(script);
    this.release = new ClaimRelease(redis, keys, timeout);
    this.keys = new byte[][] {keys.state(), keys.slicePrefix()};
  }

  @Override
  public CompletableFuture<BitSet> claim(ClaimBatch batch) {
    if (batch.size() == 0) {
      return CompletableFuture.completedFuture(new BitSet());
    }
    String generation;
    try {
      generation = keeper.generation();
    } catch (GuardLostException e) {
      // Away from the worker's thread: a rebuild takes seconds, and the worker has to poll.
      return CompletableFuture.runAsync(keeper::establish, rebuilds)
          .handle(
              (established, failure) -> {
                throw failure == null ? e : GuardFailures.translate(failure);
              });
    }
    if (!generation.equals(adopted)) {
      return CompletableFuture.failedFuture(new GuardRenewedException());
    }
    byte[] expected = generation.getBytes(StandardCharsets.UTF_8);
    BitSet duplicates = new BitSet();
    List<CompletableFuture<?>> calls = new ArrayList<>();
    connection.setAutoFlushCommands(false);
    try {
      for (int[] indexes : ClaimCalls.split(batch, GuardScript.MAX_CLAIMS)) {
        calls.add(call(batch, indexes, expected, duplicates));
      }
    } catch (RedisException e) {
      return CompletableFuture.failedFuture(GuardFailures.translate(e));
    } finally {
      connection.flushCommands();
      connection.setAutoFlushCommands(true);
      // Between the two lines above the connection's thread may have written a script again.
      connection.flushCommands();
    }
    return CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new))
        .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .handle(
            (nothing, failure) -> {
              if (failure == null) {
                return duplicates;
              }
              RuntimeException translated = GuardFailures.translate(failure);
              if (translated instanceof GuardLostException) {
                keeper.suspect(generation);
              }
              throw translated;
            });
  }

  @Override
  public CompletableFuture<Void> release(Supplier<Map<Uuid, Map<Integer, Long>>> processed) {
    return away(
        () -> {
          Map<Uuid, Map<Integer, Long>> topics = processed.get();
          withClaims(
              generation ->
                  topics.forEach(
                      (id, ends) ->
                          LOG.info(
                              "{} claims of deleted topic {} are released; its partitions were"
                                  + " processed up to {}",
                              release.run(generation, TopicTag.of(id), ends),
                              id,
                              ends)));
        });
  }

  @Override
  public CompletableFuture<Void> releaseForgotten(UnaryOperator<Set<TopicTag>> forgotten) {
    return away(
        () -> {
          Set<TopicTag> held = new HashSet<>();
          withClaims(generation -> held.addAll(release.topics(generation)));
          Set<TopicTag> gone = held.isEmpty() ? held : forgotten.apply(held);
          if (!gone.isEmpty()) {
            withClaims(
                generation ->
                    gone.forEach(
                        tag ->
                            LOG.info(
                                "{} claims of a deleted topic are released (its id begins with {}):"
                                    + " none of its records was processed",
                                release.run(generation, tag, Map.of()),
                                tag)));
          }
        });
  }

  private CompletableFuture<Void> away(Runnable work) {
    try {
      return CompletableFuture.runAsync(work, rebuilds);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.failedFuture(
          new GuardUnavailableException("the guard is closed", e));
    }
  }

  /**
   * Calls the work with the generation that is valid now; the claims to delete are needed under
   * none. The worker's own connection is used, so that claims sent over it before are found.
   */
  private void withClaims(Consumer<String> work) {
    String generation = "";
    try {
      keeper.establish();
      generation = keeper.generation();
      work.accept(generation);
    } catch (RuntimeException e) {
      RuntimeException translated = GuardFailures.translate(e);
      if (translated instanceof GuardLostException) {
        keeper.suspect(generation);
      }
      throw translated;
    }
  }

  @Override
  public void adopt() {
    adopted = null;
    try {
      adopted = keeper.adopt();
    } catch (GuardLostException e) {
      // Established away from the worker's thread too. The next attempt to adopt shows the result.
      if (establishing.isDone()) {
        establishing = CompletableFuture.runAsync(keeper::establish, rebuilds);
      }
      throw e;
    }
  }

  @Override
  public String generation() {
    return adopted == null ? "" : adopted;
  }

  private CompletableFuture<?> call(
      ClaimBatch batch, int[] indexes, byte[] expected, BitSet duplicates) {
    byte[][] arguments = arguments(batch, indexes, expected);
    return redis
        .<List<Long>>evalsha(digest, ScriptOutputType.MULTI, keys, arguments)
        .toCompletableFuture()
        .exceptionallyCompose(failure -> maybeLoadScript(failure, arguments))
        .thenAccept(
            found -> {
              // On the connection's thread; or on the worker's, where the answer is there already.
              synchronized (duplicates) {
                found.forEach(index -> duplicates.set(indexes[(int) (index - 1)]));
              }
            });
  }

  /** The arguments of claim.lua, in its order. */
  private byte[][] arguments(ClaimBatch batch, int[] indexes, byte[] expected) {
    byte[][] arguments = new byte[3 + 2 * indexes.length][];
    arguments[0] = expected;
    arguments[1] = GuardKeys.bytes(Long.toString(keeper.latestMillis()));
    arguments[2] = GuardKeys.bytes(Integer.toString(indexes.length));
    List<byte[]> moves = new ArrayList<>(0);
    for (int i = 0; i < indexes.length; i++) {
      arguments[3 + i] = batch.key(indexes[i]);
      arguments[3 + indexes.length + i] = batch.position(indexes[i]);
      byte[] from = batch.takenOver(indexes[i]);
      if (from != null) {
        moves.add(GuardKeys.bytes(Integer.toString(i + 1)));
        moves.add(from);
      }
    }
    if (moves.isEmpty()) {
      return arguments;
    }
    byte[][] all = Arrays.copyOf(arguments, arguments.length + moves.size());
    for (int i = 0; i < moves.size(); i++) {
      all[arguments.length + i] = moves.get(i);
    }
    return all;
  }

  /**
   * Repeats a call that was refused because the server does not have the script, as after a
   * restart. EVAL sends the script, and the server keeps it. Other calls of the same poll may be
   * refused and repeated too. Their order does not matter: whichever claims an event id first holds
   * it.
   */
  private CompletableFuture<List<Long>> maybeLoadScript(Throwable failure, byte[][] arguments) {
    if (GuardFailures.root(failure) instanceof RedisNoScriptException) {
      return redis
          .<List<Long>>eval(script, ScriptOutputType.MULTI, keys, arguments)
          .toCompletableFuture();
    }
    return CompletableFuture.failedFuture(failure);
  }

  @Override
  public void close() {
    connection.closeAsync();
  }
}
