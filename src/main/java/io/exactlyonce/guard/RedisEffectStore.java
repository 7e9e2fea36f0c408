package io.exactlyonce.guard;

import io.lettuce.core.RedisException;
import io.lettuce.core.SetArgs;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Results in Redis, one key each, on a connection of their own: that of a guard is told not to
 * flush while claims are written. Opened by the first effect, since most pipelines have none.
 */
public final class RedisEffectStore implements EffectStore {
  private final Supplier<GuardConnection> connections;
  private final GuardKeys keys;
  private GuardConnection open;
  private boolean closed;

  public RedisEffectStore(Supplier<GuardConnection> connections, GuardKeys keys) {
    this.connections = connections;
    this.keys = keys;
  }

  @Override
  public byte[] find(String effect, String eventId) {
    return ask(redis -> redis.sync().get(keys.effect(effect, eventId)));
  }

  @Override
  public byte[] record(String effect, String eventId, byte[] result) {
    SetArgs first = SetArgs.Builder.nx().px(keys.expiryMillis());
    byte[] before = ask(r -> r.sync().setGet(keys.effect(effect, eventId), result, first));
    return before == null ? result : before;
  }

  private byte[] ask(Function<GuardConnection, byte[]> question) {
    try {
      return question.apply(connection());
    } catch (RedisException e) {
      throw new AwayException(e);
    }
  }

  private synchronized GuardConnection connection() {
    if (closed) {
      throw new IllegalStateException("the pipeline stops");
    }
    if (open == null) {
      open = connections.get();
    }
    return open;
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (open != null) {
      open.close();
    }
  }
}
