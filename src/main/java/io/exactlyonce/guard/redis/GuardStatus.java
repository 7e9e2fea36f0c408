package io.exactlyonce.guard.redis;

import io.exactlyonce.guard.MissingClaims;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * State of a Redis server and of the claims that it holds, at one moment.
 *
 * @param server its {@code run_id} and {@code master_replid}: other ones after a restart, a
 *     fail-over, or a copy from another primary
 * @param millis its clock, in ms since the epoch
 * @param generation of its claims; empty where it holds none
 * @param keptBy the server that this generation was made on
 * @param slice the highest slice that was ever current; 0 where none was
 * @param sliceMillis how long this generation's slices are; 0 where that is not known
 * @param missing what its rebuild did not find: see {@link MissingClaims#written}; empty where that
 *     is not known
 */
record GuardStatus(
    String evictionPolicy,
    String role,
    String server,
    long millis,
    String generation,
    String keptBy,
    long slice,
    long sliceMillis,
    String missing) {

  static GuardStatus of(RedisClusterCommands<byte[], byte[]> redis, GuardKeys keys) {
    List<byte[]> found =
        redis.eval(
            GuardScript.look(), ScriptOutputType.MULTI, new byte[][] {keys.state()}, new byte[0]);
    List<String> text =
        found.stream().map(bytes -> new String(bytes, StandardCharsets.UTF_8)).toList();
    return new GuardStatus(
        text.get(0),
        text.get(1),
        text.get(2),
        Long.parseLong(text.get(3)),
        text.get(4),
        text.get(5),
        Long.parseLong(text.get(6)),
        Long.parseLong(text.get(7)),
        text.get(8));
  }

  /**
   * Whether its claims are whole, by what it shows, and kept for at least the window that is asked
   * for. Whether they are the newest only the log shows.
   */
  boolean stands(GuardKeys keys) {
    return !generation.isEmpty()
        && keptBy.equals(server)
        && sliceMillis >= keys.sliceMillis()
        && slice - millis / sliceMillis <= 1;
  }

  /** Whether claims may be evicted. An evicted claim lets a duplicate through. */
  boolean mayEvict() {
    return !evictionPolicy.equals("noeviction");
  }

  boolean isPrimary() {
    return role.equals("master");
  }

  /** The slice to load claims into: the current one by the server's clock, whatever came before. */
  long loadingSlice(GuardKeys keys) {
    return millis / keys.sliceMillis();
  }
}
