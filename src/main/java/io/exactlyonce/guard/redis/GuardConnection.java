package io.exactlyonce.guard.redis;

import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;

/**
 * A connection to one Redis or to a cluster. Only commands with a key are sent over it: in a
 * cluster they reach the node that holds the group's keys, so a script's questions, such as INFO,
 * are answered by that node.
 */
public record GuardConnection(
    StatefulConnection<byte[], byte[]> connection,
    RedisClusterAsyncCommands<byte[], byte[]> async,
    RedisClusterCommands<byte[], byte[]> sync)
    implements AutoCloseable {

  static GuardConnection of(StatefulRedisConnection<byte[], byte[]> connection) {
    return new GuardConnection(connection, connection.async(), connection.sync());
  }

  static GuardConnection of(StatefulRedisClusterConnection<byte[], byte[]> connection) {
    return new GuardConnection(connection, connection.async(), connection.sync());
  }

  @Override
  public void close() {
    connection.closeAsync();
  }
}
