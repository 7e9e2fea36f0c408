package io.exactlyonce.ops.access;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * How long one connection has kept the server waiting: for the rest of a request that has begun, or
 * for the next one. Past its bound it is closed. A request of which only a part of the head has
 * come counts as not begun, so that bytes which trickle in do not prolong it.
 *
 * <p>A request that gets no permit is read to its end, kept nowhere and answered with 503: a client
 * that is cut off in the middle of its request would not see why.
 *
 * <p>Its own event loop alone writes the fields, but for its permit, which others may take away.
 */
final class RequestClock extends ChannelDuplexHandler {
  private static final int LOOKS = 4;

  private static final String RETRY_AFTER_SECONDS = "1";
  private static final byte[] NO_PERMIT =
      "{\"trouble\":\"as many requests are being answered as this instance holds; send it again\"}"
          .getBytes(StandardCharsets.UTF_8);

  /** So many requests may be read or answered at a time. */
  interface Permits {
    /** Probes, say, are answered without. */
    boolean isNeededFor(HttpRequest request);

    /** False where there is none now. */
    boolean tryAcquire();

    void release();
  }

  private enum Phase {
    /** The last request was answered; of the next there may be a part of the head. */
    IDLE,
    /** The first request has not begun, or the head of one is there and its body is not whole. */
    READING,
    /** The request is with its controller, or its answer is on the way. */
    ANSWERING
  }

  private final Channel channel;
  private final Permits permits;
  private final long wholeRequestNanos;
  private final long idleNanos;
  private volatile Phase phase = Phase.READING;
  private volatile long since = System.nanoTime();
  private @Nullable ScheduledFuture<?> looks;
  private final AtomicBoolean hasPermit = new AtomicBoolean();
  private boolean isRefused;

  /** Requests that were let in and are not answered: several where they are sent in advance. */
  private int pending;

  /**
   * @param wholeRequest from a request's head, or from the connection's begin, to its last byte
   * @param idle from one answer to the next request's head
   */
  RequestClock(Channel channel, Permits permits, Duration wholeRequest, Duration idle) {
    this.channel = channel;
    this.permits = permits;
    this.wholeRequestNanos = wholeRequest.toNanos();
    this.idleNanos = idle.toNanos();
  }

  boolean isKeepingUsWaiting() {
    return phase != Phase.ANSWERING;
  }

  /** Of a request that is not whole yet, and has a permit all the same. */
  boolean isHoldingUpPermit() {
    return phase == Phase.READING && hasPermit.get();
  }

  void releasePermit() {
    if (hasPermit.compareAndSet(true, false)) {
      permits.release();
    }
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
    requireNonNull(looks).cancel(false);
  }

  private void look() {
    long bound = phase == Phase.READING ? wholeRequestNanos : idleNanos;
    if (isKeepingUsWaiting() && waited(System.nanoTime()) > bound) {
      close();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    if (message instanceof HttpRequest request) {
      become(Phase.READING);
      isRefused = !isAdmitted(request);
      if (isRefused && pending > 0) {
        // Out of turn, an answer would be taken for that of the request before.
        context.close();
      } else if (isRefused && HttpUtil.is100ContinueExpected(request)) {
        refuse(context);
      }
      pending += isRefused ? 0 : 1;
    }
    if (isRefused) {
      ReferenceCountUtil.release(message);
      if (message instanceof LastHttpContent) {
        refuse(context);
      } else {
        context.read();
      }
      return;
    }
    if (message instanceof LastHttpContent) {
      become(Phase.ANSWERING);
    }
    super.channelRead(context, message);
  }

  private boolean isAdmitted(HttpRequest request) {
    if (!permits.isNeededFor(request)) {
      return true;
    }
    if (!hasPermit.get() && permits.tryAcquire()) {
      hasPermit.set(true);
    }
    return hasPermit.get();
  }

  private static void refuse(ChannelHandlerContext context) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.SERVICE_UNAVAILABLE,
            Unpooled.wrappedBuffer(NO_PERMIT));
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
        .set(HttpHeaderNames.CONTENT_LENGTH, NO_PERMIT.length)
        .set(HttpHeaderNames.RETRY_AFTER, RETRY_AFTER_SECONDS)
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise)
      throws Exception {
    if (message instanceof LastHttpContent && !isInterim(message)) {
      pending = Math.max(0, pending - 1);
      if (pending == 0) {
        releasePermit();
      }
      // A request may be answered, as with a refusal, before its body is whole: the rest is still
      // due.
      if (pending == 0 && phase == Phase.ANSWERING) {
        become(Phase.IDLE);
      }
    }
    super.write(context, message, promise);
  }

  /** As "100 Continue" is: another answer follows. */
  private static boolean isInterim(Object message) {
    return message instanceof HttpResponse response
        && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
  }

  private void become(Phase next) {
    since = System.nanoTime();
    phase = next;
  }
}
