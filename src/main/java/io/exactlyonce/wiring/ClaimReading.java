package io.exactlyonce.wiring;

import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.guard.redis.ClaimLookup;
import io.exactlyonce.guard.redis.GuardKeys;
import io.exactlyonce.guard.redis.RedisConnections;
import io.exactlyonce.guard.redis.RedisServers;
import java.time.Duration;
import java.util.Optional;

/** Reads single claims for a command, without the application. */
public final class ClaimReading {
  private static final Duration BOUND = Duration.ofSeconds(2);

  private ClaimReading() {}

  /**
   * Checks an address of Redis.
   *
   * @param setting name of the option, for the message
   * @throws ConfigurationException where it is no address of Redis
   */
  public static void check(String setting, String redisUri) {
    RedisSettings.parse(setting, redisUri);
  }

  /**
   * The position that holds the claim, as the guard encodes it; empty where none is held.
   *
   * @throws io.exactlyonce.guard.GuardUnavailableException where Redis does not answer or refuses
   */
  public static Optional<byte[]> find(String setting, String redisUri, String group, byte[] id) {
    RedisServers server = new RedisServers.Primary(RedisSettings.parse(setting, redisUri));
    try (RedisConnections connections = new RedisConnections(server, BOUND)) {
      // The keys of claims do not depend on the window, so that any will do.
      return new ClaimLookup(connections, new GuardKeys(group, Duration.ZERO)).find(id);
    }
  }
}
