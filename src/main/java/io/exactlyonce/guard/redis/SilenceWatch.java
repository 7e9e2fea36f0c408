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
 * that vanished, would otherwise stay open for a quarter of an hour: the commands on it would time
 * out, and all later ones too, long after new connections are possible again.
 *
 * <p>With a server that only hangs nothing is lost: when it goes on, it answers on a connection
 * that was made a few seconds before. A connection without requests is left alone.
 *
 * <p>Called only by its channel's event loop.
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
   * @param first longest silence of a connection that was never answered. It may have been made
   *     while no packets passed, and is soon made anew
   * @param bound longest silence of one that was answered
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
