package io.exactlyonce.guard;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.codec.ByteArrayCodec;
import java.time.Duration;

/**
 * Connections for claims. While a connection is down its commands are refused instead of queued:
 * the guard claims again by itself, and a claim that arrives late helps nobody.
 */
public final class RedisConnections implements AutoCloseable {
  private final RedisClient client;
  private final RedisURI uri;

  public RedisConnections(RedisURI uri, Duration timeout) {
    this.uri = uri;
    this.client = RedisClient.create(uri);
    client.setOptions(
        ClientOptions.builder()
            .autoReconnect(true)
            .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
            .timeoutOptions(TimeoutOptions.enabled(timeout))
            .build());
  }

  /**
   * @throws io.lettuce.core.RedisException where Redis does not answer
   */
  public GuardConnection open() {
    return GuardConnection.of(client.connect(ByteArrayCodec.INSTANCE));
  }

  /** Where Redis is, without its password. */
  public String address() {
    return uri.getHost() == null
        ? String.valueOf(uri.getSentinels())
        : uri.getHost() + ":" + uri.getPort();
  }

  @Override
  public void close() {
    client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
  }
}
