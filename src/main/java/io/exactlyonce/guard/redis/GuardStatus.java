package io.exactlyonce.guard.redis;

import io.exactlyonce.guard.MissingClaims;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a server says of itself and of the claims it holds, at one moment.
 *
 * @param server its process and its history: another one after a restart, a fail-over, or a copy
 *     from another primary
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
   * Whether it holds claims that are whole, for a window as long as is asked for or longer; whether
   * they are the newest, the log tells.
   */
  boolean stands(GuardKeys keys) {
    return !generation.isEmpty()
        && keptBy.equals(server)
        && sliceMillis >= keys.sliceMillis()
        && slice - millis / sliceMillis <= 1;
  }

  /** A claim that is evicted lets a duplicate through. */
  boolean mayEvict() {
    return !evictionPolicy.equals("noeviction");
  }

  boolean isPrimary() {
    return role.equals("master");
  }

  /** Where claims are loaded: by its clock, whatever slice was current before. */
  long loadingSlice(GuardKeys keys) {
    return millis / keys.sliceMillis();
  }
}
