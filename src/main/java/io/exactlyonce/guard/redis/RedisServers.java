package io.exactlyonce.guard.redis;

import io.lettuce.core.RedisURI;
import java.util.List;
import java.util.stream.Collectors;

/** Where Redis is. */
public sealed interface RedisServers {
  /** One primary: itself, or whichever its sentinels name at the time. */
  record Primary(RedisURI uri) implements RedisServers {}

  /**
   * Some nodes of a cluster; they know the others. All keys of a group are in one slot, so its
   * claims are at one node: one script sees generation, slices and claims together, and what is
   * lost with that node is known by asking it alone.
   */
  record Cluster(List<RedisURI> nodes) implements RedisServers {}

  /** For messages: without user and password. */
  default String address() {
    if (this instanceof Cluster cluster) {
      return cluster.nodes().stream().map(RedisServers::address).collect(Collectors.joining(","));
    }
    RedisURI uri = ((Primary) this).uri();
    return uri.getSentinels().isEmpty()
        ? address(uri)
        : uri.getSentinels().stream()
            .map(RedisServers::address)
            .collect(Collectors.joining(",", "sentinels ", " of " + uri.getSentinelMasterId()));
  }

  private static String address(RedisURI uri) {
    return uri.getHost() == null ? uri.getSocket() : uri.getHost() + ":" + uri.getPort();
  }
}
