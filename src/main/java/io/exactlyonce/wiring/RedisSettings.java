package io.exactlyonce.wiring;

import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.config.Secrets;
import io.exactlyonce.guard.redis.RedisServers;
import io.lettuce.core.RedisURI;
import io.micronaut.context.env.Environment;
import io.micronaut.core.type.Argument;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Check of the configured addresses of Redis, before any other code puts a wrong one, with its
 * password, into a message.
 */
final class RedisSettings {
  private static final List<String> SCHEMES =
      List.of(
          "redis", "rediss", "redis-sentinel", "rediss-sentinel", "redis-socket", "redis+socket");

  private static final Pattern NO_SECRET =
      Pattern.compile(
          "([A-Za-z][A-Za-z0-9+-]*://)?[A-Za-z0-9._-]+(:\\d*)?(,[A-Za-z0-9._:-]+)*/?\\d*");

  private static final int LAST_PORT = 65_535;

  private RedisSettings() {}

  /**
   * The servers that {@code redis.uris} or {@code redis.uri} names; empty where neither is set.
   *
   * @throws ConfigurationException where a value is no address of Redis
   */
  static Optional<RedisServers> check(Environment environment) {
    List<String> several =
        environment.getProperty("redis.uris", Argument.listOf(String.class)).orElse(List.of());
    List<RedisURI> uris = new ArrayList<>();
    for (String each : several) {
      uris.add(parse("redis.uris", each));
    }
    Optional<RedisURI> one =
        environment.getProperty("redis.uri", String.class).map(uri -> parse("redis.uri", uri));
    return uris.isEmpty()
        ? one.map(RedisServers.Primary::new)
        : Optional.of(new RedisServers.Cluster(uris));
  }

  static RedisURI parse(String key, String value) {
    refuse(
        !value.equals(value.strip()),
        key,
        value,
        "there is white space or a line end around it; remove it");
    int colon = value.indexOf("://");
    refuse(
        colon < 0 || !SCHEMES.contains(value.substring(0, colon)),
        key,
        value,
        "it begins with none of "
            + String.join("://, ", SCHEMES)
            + "://; write redis://HOST:PORT, or rediss:// for TLS");
    try {
      URI uri = new URI(value);
      // A URI has no host where it is a list of sentinels, or the path of a socket.
      boolean oneHost = SCHEMES.indexOf(value.substring(0, colon)) < 2;
      refuse(
          oneHost && uri.getHost() == null,
          key,
          value,
          "it names no host, or has a character that must be written percent-encoded (in a password"
              + " / is %2F, # is %23, @ is %40); write redis://USER:PASSWORD@HOST:PORT");
      refuse(
          uri.getPort() > LAST_PORT || uri.getPort() == 0,
          key,
          value,
          "it has no port up to " + LAST_PORT + "; write redis://HOST:PORT");
      return RedisURI.create(uri);
    } catch (URISyntaxException | IllegalArgumentException e) {
      // Without the cause, whose message has the address and its password.
      throw new ConfigurationException(
          key,
          shown(value),
          "it is no address, perhaps for a character that must be written percent-encoded (in a"
              + " password % is %25, a space %20); write redis://USER:PASSWORD@HOST:PORT");
    }
  }

  private static void refuse(boolean wrong, String key, String value, String remedy) {
    if (wrong) {
      throw new ConfigurationException(key, shown(value), remedy);
    }
  }

  private static String shown(String value) {
    return NO_SECRET.matcher(value.strip()).matches() ? value.strip() : Secrets.HIDDEN;
  }
}
