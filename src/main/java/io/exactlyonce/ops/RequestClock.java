package io.exactlyonce.ops;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * How long one connection has kept the server waiting: for the rest of a request that has begun, or
 * for the next one. Past its bound it is closed. A request of which only a part of the head has
 * come counts as not begun, so that bytes which trickle in do not prolong it.
 *
 * <p>Its own event loop alone writes the fields.
 */
final class RequestClock extends ChannelDuplexHandler {
  private static final int LOOKS = 4;

  private enum Phase {
    /** The last request was answered; of the next there may be a part of the head. */
    IDLE,
    /** The first request has not begun, or the head of one is there and its body is not whole. */
    READING,
    /** The request is with its controller, or its answer is on the way. */
    ANSWERING
  }

  private final Channel channel;
  private final long wholeRequestNanos;
  private final long idleNanos;
  private volatile Phase phase = Phase.READING;
  private volatile long since = System.nanoTime();
  private ScheduledFuture<?> looks;

  /**
   * @param wholeRequest from a request's head, or from the connection's begin, to its last byte
   * @param idle from one answer to the next request's head
   */
  RequestClock(Channel channel, Duration wholeRequest, Duration idle) {
    this.channel = channel;
    this.wholeRequestNanos = wholeRequest.toNanos();
    this.idleNanos = idle.toNanos();
  }

  boolean isKeepingUsWaiting() {
    return phase != Phase.ANSWERING;
  }

  long waited(long now) {
    return now - since;
  }

  void close() {
    channel.close();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    long each = Math.min(wholeRequestNanos, idleNanos) / LOOKS;
    looks = context.executor().scheduleAtFixedRate(this::look, each, each, TimeUnit.NANOSECONDS);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    looks.cancel(false);
  }

  private void look() {
    long bound = phase == Phase.READING ? wholeRequestNanos : idleNanos;
    if (isKeepingUsWaiting() && waited(System.nanoTime()) > bound) {
      close();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    if (message instanceof HttpRequest) {
      become(Phase.READING);
    }
    if (message instanceof LastHttpContent) {
      become(Phase.ANSWERING);
    }
    super.channelRead(context, message);
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise)
      throws Exception {
    // A request may be answered, as with a refusal, before its body is whole: the rest is still
    // due.
    if (message instanceof LastHttpContent && phase == Phase.ANSWERING) {
      become(Phase.IDLE);
    }
    super.write(context, message, promise);
  }

  private void become(Phase next) {
    since = System.nanoTime();
    phase = next;
  }
}
