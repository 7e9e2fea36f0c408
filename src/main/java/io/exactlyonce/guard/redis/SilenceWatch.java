package io.exactlyonce.guard.redis;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Closes a connection on which nothing has come for a while since something was sent; the client
 * then connects anew. A connection that was cut off, by a firewall that drops its packets or a peer
 * that vanished, is not closed by anybody else for a quarter of an hour: the commands on it time
 * out, and so would all that follow, long after new connections are possible again.
 *
 * <p>Of a hung server nothing is lost by it: the connection that waits to be answered when the
 * server goes on is one of a few seconds before. A connection that asks nothing is left alone.
 *
 * <p>Its own event loop alone calls it.
 */
final class SilenceWatch extends ChannelDuplexHandler {
  private static final int LOOKS = 6;

  private final long firstNanos;
  private final long boundNanos;
  private boolean wasAnswered;
  private boolean isWaiting;
  private long since;
  private @Nullable ScheduledFuture<?> looks;

  /**
   * @param first for a connection that was never answered: it may have been made while nothing
   *     passed, and is soon made anew
   * @param bound for one that was
   */
  SilenceWatch(Duration first, Duration bound) {
    this.firstNanos = first.toNanos();
    this.boundNanos = bound.toNanos();
  }

  @Override
  public void channelActive(ChannelHandlerContext context) throws Exception {
    long each = firstNanos / LOOKS;
    looks =
        context
            .executor()
            .scheduleAtFixedRate(() -> look(context), each, each, TimeUnit.NANOSECONDS);
    super.channelActive(context);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    if (looks != null) {
      looks.cancel(false);
    }
    super.channelInactive(context);
  }

  private void look(ChannelHandlerContext context) {
    long bound = wasAnswered ? boundNanos : firstNanos;
    if (isWaiting && System.nanoTime() - since > bound) {
      context.close();
    }
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise)
      throws Exception {
    if (!isWaiting) {
      isWaiting = true;
      since = System.nanoTime();
    }
    super.write(context, message, promise);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    isWaiting = false;
    wasAnswered = true;
    super.channelRead(context, message);
  }
}
