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
 * Connections for claims. While a connection is down its commands are refused instead of queued:
 * the guard claims again by itself, and a claim that arrives late helps nobody. A connection that
 * does not answer is made anew.
 */
public final class RedisConnections implements AutoCloseable {
  /** How soon a client looks again which node is primary; a node that was asked in vain is slow. */
  private static final Duration TOPOLOGY_PAUSE = Duration.ofSeconds(5);

  /** Lettuce's own wait between two attempts to connect doubles up to half a minute. */
  private static final Duration LONGEST_RECONNECT = Duration.ofMillis(500);

  private static final Duration FIRST_RECONNECT = Duration.ofMillis(50);

  /** Of an attempt to connect: the kernel sends a first packet that was lost again after 1 s. */
  private static final Duration CONNECT_BOUND = Duration.ofSeconds(2);

  /** After so long without any answer a connection is taken for one that was cut off. */
  private static final Duration MIN_SILENCE = Duration.ofSeconds(3);

  private static final Duration MIN_FIRST_SILENCE = Duration.ofSeconds(1);

  /** For connections that ask nothing for long, on which a lost peer is found out by this alone. */
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
                // With jitter: the connections of all instances do not come back in one moment.
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

  /** Every connection of the client, first and later, and in a cluster those to each node. */
  private record Watched(Duration timeout) implements NettyCustomizer {
    @Override
    public void afterChannelInitialized(Channel channel) {
      // An answer that somebody still waits for is not given up.
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

  /** A slot that moved is answered with where to; a node that died is not, and is asked for. */
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
