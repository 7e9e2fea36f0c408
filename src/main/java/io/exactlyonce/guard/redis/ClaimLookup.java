package io.exactlyonce.guard.redis;

import io.exactlyonce.guard.ClaimKey;
import io.exactlyonce.guard.GuardUnavailableException;
import io.exactlyonce.guard.Position;
import io.lettuce.core.RedisException;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Reads which position holds the claim on an event id, and changes nothing.
 *
 * @param connections to the Redis that holds the claims; whoever made them closes them
 * @param keys the group's
 */
public record ClaimLookup(RedisConnections connections, GuardKeys keys) {
  /** Slices that a claim is found in: the current one and the two before it ({@link GuardKeys}). */
  private static final int SLICES = 3;

  /**
   * The position that holds the claim, as {@link Position#encode} writes it; empty where none does.
   *
   * @throws GuardUnavailableException where Redis does not answer or refuses
   */
  public Optional<byte[]> find(byte[] eventId) {
    try (GuardConnection connection = connections.open()) {
      RedisClusterCommands<byte[], byte[]> redis = connection.sync();
      byte[] generation = redis.hget(keys.state(), GuardKeys.bytes("generation"));
      byte[] slice = redis.hget(keys.state(), GuardKeys.bytes("slice"));
      if (generation == null || slice == null) {
        return Optional.empty();
      }
      long newest = Long.parseLong(text(slice));
      byte[] key = new ClaimKey().of(eventId);
      for (long number = newest; number > newest - SLICES; number--) {
        byte[] held = redis.hget(keys.slice(text(generation), number), key);
        if (held != null) {
          return Optional.of(held);
        }
      }
      return Optional.empty();
    } catch (RedisException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      String why = cause.getMessage() == null ? cause.toString() : cause.getMessage();
      throw new GuardUnavailableException(
          "Redis at " + connections.address() + " did not answer, or refused: " + why, e);
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
