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
   * @param setting names the option where the address is none
   * @throws ConfigurationException where the address is none
   */
  public static void check(String setting, String redisUri) {
    RedisSettings.parse(setting, redisUri);
  }

  /**
   * The position that holds the claim, as the guard encodes it; empty where none is held.
   *
   * @throws io.exactlyonce.guard.GuardUnavailableException where Redis does not answer
   */
  public static Optional<byte[]> find(String setting, String redisUri, String group, byte[] id) {
    RedisServers server = new RedisServers.Primary(RedisSettings.parse(setting, redisUri));
    try (RedisConnections connections = new RedisConnections(server, BOUND)) {
      // How long claims are kept is no part of their names.
      return new ClaimLookup(connections, new GuardKeys(group, Duration.ZERO)).find(id);
    }
  }
}
