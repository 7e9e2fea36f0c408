package io.exactlyonce.ops.access;

import io.micronaut.context.annotation.Property;
import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.netty.channel.ChannelPipelineCustomizer;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the resources that HTTP clients can hold: the number of connections, each with one request
 * of at most {@code micronaut.server.max-request-size} in memory, and the time in which a request
 * has to arrive whole.
 *
 * <p>Beyond the bound the connection that has kept the server waiting longest is closed, and the
 * new one is accepted: a liveness probe has to get an answer while a client holds hundreds of
 * half-sent requests open. A connection whose request is being answered is never closed for that.
 * There are fewer permits for requests than connections, and a request without a permit is refused
 * with 503 and {@code Retry-After}. So connections are always left for probes and metrics, which
 * need no permit.
 *
 * <p>Threads: connections come and change on several event loops. The set may be one connection
 * over the bound for a moment, which does no harm. The longest waiting one is found by reading
 * volatile fields; one whose request becomes whole just after it was chosen is closed all the same,
 * as if it had been chosen a moment earlier.
 */
@Singleton
final class ConnectionLimit implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {
  private static final int MAX_CONNECTIONS = 256;

  /** Requests that are read or answered at a time; the other connections are spare. */
  private static final int MAX_REQUESTS = 192;

  /**
   * Time after which a request that is still arriving loses its permit, and its connection, to a
   * request that needs one.
   */
  private static final long SLOW_NANOS = Duration.ofSeconds(1).toNanos();

  private static final Set<String> ALWAYS = Set.of("health", "prometheus");

  private static final Duration WHOLE_REQUEST = Duration.ofSeconds(10);
  private static final Duration IDLE = Duration.ofSeconds(60);

  private final Set<RequestClock> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger requests = new AtomicInteger();
  private final Permits permits = new Permits();
  private final String root;

  /**
   * @param contextPath prefix of every path; null for none
   */
  ConnectionLimit(@Nullable @Property(name = "micronaut.server.context-path") String contextPath) {
    String path = contextPath == null ? "" : contextPath.replaceAll("^/|/$", "");
    this.root = path.isEmpty() ? "/" : "/" + path + "/";
  }

  @Override
  public NettyServerCustomizer.Registry onCreated(
      BeanCreatedEvent<NettyServerCustomizer.Registry> event) {
    event.getBean().register(new ForListener());
    return event.getBean();
  }

  private void enter(Channel channel) {
    RequestClock clock = new RequestClock(channel, permits, WHOLE_REQUEST, IDLE);
    open.add(clock);
    channel
        .closeFuture()
        .addListener(
            closed -> {
              open.remove(clock);
              clock.releasePermit();
            });
    channel
        .pipeline()
        .addAfter(ChannelPipelineCustomizer.HANDLER_HTTP_SERVER_CODEC, "request-clock", clock);
    while (open.size() > MAX_CONNECTIONS && closeOne(RequestClock::isKeepingUsWaiting, 0)) {
      // Several connections may have come at once; each of their event loops restores the bound.
    }
  }

  /**
   * Closes the connection that has waited longest; false where there is none.
   *
   * @param which the connections to choose from
   * @param atLeastNanos shortest wait of one that may be closed
   */
  private boolean closeOne(Predicate<RequestClock> which, long atLeastNanos) {
    long now = System.nanoTime();
    Optional<RequestClock> longest =
        open.stream()
            .filter(which)
            .filter(clock -> clock.waited(now) >= atLeastNanos)
            .max(Comparator.comparingLong(clock -> clock.waited(now)));
    // Removed before it is closed, which its own event loop may do later: so no other thread
    // chooses it too.
    longest
        .filter(open::remove)
        .ifPresent(
            clock -> {
              clock.releasePermit();
              clock.close();
            });
    return longest.isPresent();
  }

  private final class Permits implements RequestClock.Permits {
    @Override
    public boolean isNeededFor(HttpRequest request) {
      return !isAlwaysAnswered(request);
    }

    @Override
    public boolean tryAcquire() {
      while (requests.incrementAndGet() > MAX_REQUESTS) {
        requests.decrementAndGet();
        if (!closeOne(RequestClock::isHoldingUpPermit, SLOW_NANOS)) {
          return false;
        }
      }
      return true;
    }

    @Override
    public void release() {
      requests.decrementAndGet();
    }
  }

  private boolean isAlwaysAnswered(HttpRequest request) {
    String uri = request.uri();
    return HttpMethod.GET.equals(request.method())
        && uri.startsWith(root)
        && ALWAYS.contains(uri.substring(root.length()).split("[/?#]", 2)[0]);
  }

  /** Customizer of the listener, which makes one for each connection that is accepted. */
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

    /** Called when the pipeline has the codec of HTTP/1; HTTP/2 is not enabled here. */
    @Override
    public void onStreamPipelineBuilt() {
      enter(channel);
    }
  }
}
