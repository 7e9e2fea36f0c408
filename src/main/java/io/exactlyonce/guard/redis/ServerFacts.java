package io.exactlyonce.guard.redis;

import io.exactlyonce.guard.GuardUnavailableException;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/**
 * Facts about a Redis server, for an operator. Reading them changes nothing.
 *
 * @param eviction the setting {@code maxmemory-policy}
 * @param mayEvict whether claims can be evicted by it
 * @param isPrimary false for a replica, which cannot be written to
 * @param clockAhead how far its clock is ahead of the one here, without half of the call's time;
 *     negative where it is behind
 * @param usedBytes of memory
 * @param maxBytes of memory; 0: no limit
 * @param appendsToFile whether each write goes to a file (AOF)
 * @param lastAppend {@code ok}, or how the last write to that file ended
 * @param lastSave {@code ok}, or how the last snapshot ended
 * @param claims the generation of the group's claims that it holds whole; empty where none
 */
public record ServerFacts(
    String version,
    String eviction,
    boolean mayEvict,
    boolean isPrimary,
    Duration clockAhead,
    long usedBytes,
    long maxBytes,
    boolean appendsToFile,
    String lastAppend,
    String lastSave,
    String claims) {

  /** Largest difference of the clocks; beyond it claims may be forgotten too early. */
  public static final Duration MAX_APART = ServerClock.SLACK;

  /** Redis answers, but refuses the user or a command. */
  public static final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
      super(message);
    }
  }

  /**
   * Asks the server.
   *
   * @param connections closed by whoever made them
   * @param clock that of this machine
   * @throws RefusedException where Redis refuses to answer
   * @throws GuardUnavailableException where it does not answer
   */
  public static ServerFacts ask(RedisConnections connections, GuardKeys keys, Clock clock) {
    try (GuardConnection connection = connections.open()) {
      RedisClusterCommands<byte[], byte[]> redis = connection.sync();
      long before = clock.millis();
      GuardStatus status = GuardStatus.of(redis, keys);
      long here = (before + clock.millis()) / 2;
      List<String> facts = facts(redis, keys);
      return new ServerFacts(
          facts.get(0),
          status.evictionPolicy(),
          status.mayEvict(),
          status.isPrimary(),
          Duration.ofMillis(status.millis() - here),
          Long.parseLong(facts.get(1)),
          Long.parseLong(facts.get(2)),
          facts.get(3).equals("1"),
          facts.get(4),
          facts.get(5),
          status.stands(keys) ? status.generation() : "");
    } catch (RedisException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof RedisCommandExecutionException refused) {
          throw new RefusedException(String.valueOf(refused.getMessage()));
        }
      }
      Throwable root = e.getCause() == null ? e : e.getCause();
      throw new GuardUnavailableException(String.valueOf(root.getMessage()), e);
    }
  }

  private static List<String> facts(RedisClusterCommands<byte[], byte[]> redis, GuardKeys keys) {
    List<byte[]> found =
        redis.eval(
            GuardScript.facts(), ScriptOutputType.MULTI, new byte[][] {keys.state()}, new byte[0]);
    return found.stream().map(bytes -> new String(bytes, StandardCharsets.UTF_8)).toList();
  }
}
