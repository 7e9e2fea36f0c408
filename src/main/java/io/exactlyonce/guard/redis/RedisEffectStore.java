package io.exactlyonce.guard.redis;

import io.exactlyonce.guard.EffectStore;
import io.lettuce.core.RedisException;
import io.lettuce.core.SetArgs;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Results of effects in Redis, one key each. The connection is not a guard's, which does not flush
 * while claims are written; the first effect opens it, since most pipelines have none.
 */
public final class RedisEffectStore implements EffectStore {
  private final Supplier<GuardConnection> connections;
  private final GuardKeys keys;
  private volatile @Nullable GuardConnection open;
  private volatile boolean closed;

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

  private GuardConnection connection() {
    if (closed) {
      throw new IllegalStateException("the pipeline is stopping: effects are not available");
    }
    GuardConnection known = open;
    return known == null ? connect() : known;
  }

  private synchronized GuardConnection connect() {
    if (open == null) {
      open = connections.get();
      // close() sets closed, then reads open; here it is the other way round, and both are
      // volatile. So at least one of the two threads sees what the other has written, and closes
      // the connection.
      if (closed) {
        open.close();
        throw new IllegalStateException("the pipeline is stopping: effects are not available");
      }
    }
    return open;
  }

  /** Does not wait for a connection that is being opened: Redis may not answer. */
  @Override
  public void close() {
    closed = true;
    GuardConnection known = open;
    if (known != null) {
      known.close();
    }
  }
}
