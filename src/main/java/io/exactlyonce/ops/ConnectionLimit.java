package io.exactlyonce.ops;

import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.netty.channel.ChannelPipelineCustomizer;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.channel.Channel;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Bounds what clients of the HTTP server can hold: so many connections, each with one request of at
 * most {@code micronaut.server.max-request-size} in memory, and a request that does not arrive
 * whole in time is given up.
 *
 * <p>Beyond the bound the connection that has kept the server waiting longest is closed, and the
 * new one is taken: whoever asks for liveness must get an answer while somebody else holds hundreds
 * of half-sent requests open. A connection whose request is being answered is never closed for
 * that.
 *
 * <p>Threads: connections come and change on several event loops. The set may be one connection
 * over the bound for a moment, which costs nothing; which one is the longest waiting is read from
 * volatile fields, and a connection that was chosen just when its request became whole is closed
 * all the same, as if it had been chosen a moment before.
 */
@Singleton
final class ConnectionLimit implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {
  private static final int MAX_CONNECTIONS = 256;
  private static final Duration WHOLE_REQUEST = Duration.ofSeconds(10);
  private static final Duration IDLE = Duration.ofSeconds(60);

  private final Set<RequestClock> open = ConcurrentHashMap.newKeySet();

  @Override
  public NettyServerCustomizer.Registry onCreated(
      BeanCreatedEvent<NettyServerCustomizer.Registry> event) {
    event.getBean().register(new ForListener());
    return event.getBean();
  }

  private void enter(Channel channel) {
    RequestClock clock = new RequestClock(channel, WHOLE_REQUEST, IDLE);
    open.add(clock);
    channel.closeFuture().addListener(closed -> open.remove(clock));
    channel
        .pipeline()
        .addAfter(ChannelPipelineCustomizer.HANDLER_HTTP_SERVER_CODEC, "request-clock", clock);
    while (open.size() > MAX_CONNECTIONS && closeOne()) {
      // Several may have come at once, and each of them sees to it that the bound holds.
    }
  }

  /** False where every connection is being answered. */
  private boolean closeOne() {
    long now = System.nanoTime();
    Optional<RequestClock> longest =
        open.stream()
            .filter(RequestClock::isKeepingUsWaiting)
            .max(Comparator.comparingLong(clock -> clock.waited(now)));
    // Taken out before it is closed, which another event loop may do later: so it is chosen once.
    longest.filter(open::remove).ifPresent(RequestClock::close);
    return longest.isPresent();
  }

  /** One object for the listener, and one for each connection that it accepts. */
  private final class ForListener implements NettyServerCustomizer {
    @Override
    public NettyServerCustomizer specializeForChannel(Channel channel, ChannelRole role) {
      return role == ChannelRole.CONNECTION ? new ForConnection(channel) : this;
    }
  }

  private final class ForConnection implements NettyServerCustomizer {
    private final Channel channel;

    ForConnection(Channel channel) {
      this.channel = channel;
    }

    @Override
    public NettyServerCustomizer specializeForChannel(Channel stream, ChannelRole role) {
      return this;
    }

    /** The codec of HTTP/1 stands in the pipeline now; HTTP/2 is not switched on here. */
    @Override
    public void onStreamPipelineBuilt() {
      enter(channel);
    }
  }
}
