package io.exactlyonce.guard.redis;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Connections to Redis for claims. While one is down its commands are refused instead of queued:
 * the guard repeats its claims by itself, and a queued one would come too late. One that does not
 * answer is closed and made anew: see {@link SilenceWatch}.
 */
public final class RedisConnections implements AutoCloseable {
  /**
   * Time between two refreshes of a cluster's topology, which find a new primary. A refresh waits
   * for nodes that do not answer, so it is not made more often.
   */
  private static final Duration TOPOLOGY_PAUSE = Duration.ofSeconds(5);

  /** Longest wait between attempts to connect. Lettuce's default doubles up to half a minute. */
  private static final Duration LONGEST_RECONNECT = Duration.ofMillis(500);

  private static final Duration FIRST_RECONNECT = Duration.ofMillis(50);

  /**
   * Time limit of an attempt to connect. It allows for a lost first packet, which the kernel sends
   * again after 1 s.
   */
  private static final Duration CONNECT_BOUND = Duration.ofSeconds(2);

  /** Shortest silence after which a connection that waits for an answer is closed. */
  private static final Duration MIN_SILENCE = Duration.ofSeconds(3);

  /** Shortest such silence of a connection that was never answered. */
  private static final Duration MIN_FIRST_SILENCE = Duration.ofSeconds(1);

  /** TCP keep-alive: the only sign of a lost peer on a connection without requests. */
  private static final SocketOptions.KeepAliveOptions KEEP_ALIVE =
      SocketOptions.KeepAliveOptions.builder()
          .enable()
          .idle(Duration.ofSeconds(30))
          .interval(Duration.ofSeconds(5))
          .count(3)
          .build();

  private final RedisServers servers;
  private final ClientResources resources;
  private final AbstractRedisClient client;
  private final Supplier<GuardConnection> opening;

  public RedisConnections(RedisURI uri, Duration timeout) {
    this(new RedisServers.Primary(uri), timeout);
  }

  public RedisConnections(RedisServers servers, Duration timeout) {
    this.servers = servers;
    this.resources =
        ClientResources.builder()
            .reconnectDelay(
                // With jitter, so that the connections of all instances do not come back at once.
                () ->
                    Delay.equalJitter(
                        FIRST_RECONNECT,
                        LONGEST_RECONNECT,
                        FIRST_RECONNECT.toMillis(),
                        TimeUnit.MILLISECONDS))
            .nettyCustomizer(new Watched(timeout))
            .build();
    if (servers instanceof RedisServers.Cluster cluster) {
      RedisClusterClient nodes = RedisClusterClient.create(resources, cluster.nodes());
      nodes.setOptions(clustered(timeout));
      this.client = nodes;
      this.opening = () -> GuardConnection.of(nodes.connect(ByteArrayCodec.INSTANCE));
    } else {
      RedisClient primary = RedisClient.create(resources, ((RedisServers.Primary) servers).uri());
      primary.setOptions(refusing(ClientOptions.builder(), timeout).build());
      this.client = primary;
      this.opening = () -> GuardConnection.of(primary.connect(ByteArrayCodec.INSTANCE));
    }
  }

  /** Watches every connection of the client: first and later ones, and in a cluster each node's. */
  private record Watched(Duration timeout) implements NettyCustomizer {
    @Override
    public void afterChannelInitialized(Channel channel) {
      // Longer than a call's time limit, so that no answer is given up that a caller waits for.
      Duration bound = longest(MIN_SILENCE, timeout.plusSeconds(1));
      channel.pipeline().addFirst(new SilenceWatch(longest(MIN_FIRST_SILENCE, timeout), bound));
    }

    private static Duration longest(Duration one, Duration other) {
      return one.compareTo(other) > 0 ? one : other;
    }
  }

  private static ClientOptions.Builder refusing(ClientOptions.Builder options, Duration timeout) {
    return options
        .autoReconnect(true)
        .socketOptions(
            SocketOptions.builder().connectTimeout(CONNECT_BOUND).keepAlive(KEEP_ALIVE).build())
        .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
        .timeoutOptions(TimeoutOptions.enabled(timeout));
  }

  /**
   * A node redirects calls for slots that it gave away; for a dead node the topology is refreshed.
   */
  private static ClusterClientOptions clustered(Duration timeout) {
    ClusterClientOptions.Builder options = ClusterClientOptions.builder();
    refusing(options, timeout);
    return options
        .topologyRefreshOptions(
            ClusterTopologyRefreshOptions.builder()
                .enableAllAdaptiveRefreshTriggers()
                .adaptiveRefreshTriggersTimeout(TOPOLOGY_PAUSE)
                .enablePeriodicRefresh(TOPOLOGY_PAUSE)
                .build())
        .build();
  }

  /**
   * Opens a connection, which the caller closes.
   *
   * @throws io.lettuce.core.RedisException where Redis does not answer
   */
  public GuardConnection open() {
    return opening.get();
  }

  /** Where Redis is, without its password. */
  public String address() {
    return servers.address();
  }

  @Override
  public void close() {
    client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
    resources.shutdown(0, 1, TimeUnit.SECONDS);
  }
}
