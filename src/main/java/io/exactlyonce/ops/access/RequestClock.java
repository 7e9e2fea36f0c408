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
 * Measures how long one connection has kept the server waiting, for the rest of a request that has
 * begun or for the next one, and closes it past the bound. A request of which only a part of the
 * head has arrived counts as not begun, so bytes that trickle in do not prolong the wait.
 *
 * <p>A request that gets no permit is read to its end without being kept, and answered with 503: a
 * client that is cut off within its request would not see why.
 *
 * <p>Only the event loop of the connection writes the fields, except for its permit, which another
 * one may take away.
 */
final class RequestClock extends ChannelDuplexHandler {
  private static final int LOOKS = 4;

  private static final String RETRY_AFTER_SECONDS = "1";
  private static final byte[] NO_PERMIT =
      "{\"trouble\":\"as many requests are being answered as this instance holds; send it again\"}"
          .getBytes(StandardCharsets.UTF_8);

  /** Permits for requests that are read or answered at a time. */
  interface Permits {
    /** Whether the request needs one; probes and metrics do not. */
    boolean isNeededFor(HttpRequest request);

    /** Takes a permit; false where there is none at present. */
    boolean tryAcquire();

    void release();
  }

  private enum Phase {
    /** The last request was answered; a part of the head of the next one may have arrived. */
    IDLE,
    /**
     * A head has arrived and its body is not whole; or the connection is new and no request has
     * begun.
     */
    READING,
    /** A controller has the request, or its answer is being written. */
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

  /**
   * Number of requests that were admitted and are not answered; several where a client pipelines
   * them.
   */
  private int pending;

  /**
   * @param wholeRequest bound from the head of a request, or from the connection's beginning, to
   *     the last byte
   * @param idle bound from an answer to the head of the next request
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

  /** Whether it has a permit for a request that is not whole yet. */
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
        // An answer now would be out of order: the client would take it for that of the request
        // before.
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
      // An answer, such as a refusal, may be written before the body of its request is whole. The
      // rest is then still due, and the phase stays READING.
      if (pending == 0 && phase == Phase.ANSWERING) {
        become(Phase.IDLE);
      }
    }
    super.write(context, message, promise);
  }

  /** Whether it is an interim answer, such as "100 Continue", which another one follows. */
  private static boolean isInterim(Object message) {
    return message instanceof HttpResponse response
        && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
  }

  private void become(Phase next) {
    since = System.nanoTime();
    phase = next;
  }
}
