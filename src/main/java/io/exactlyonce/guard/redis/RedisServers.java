package io.exactlyonce.guard.redis;

import io.lettuce.core.RedisURI;
import java.util.List;
import java.util.stream.Collectors;

/** The address of Redis: a primary or a cluster. */
public sealed interface RedisServers {
  /** One primary: the one at this address, or the one that its sentinels name at the time. */
  record Primary(RedisURI uri) implements RedisServers {}

  /**
   * Some nodes of a cluster, from which the client learns of the others. All keys of a group are in
   * one slot, so its claims are on one node: one script reads generation, slices and claims
   * together, and that node alone shows whether they were lost.
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
