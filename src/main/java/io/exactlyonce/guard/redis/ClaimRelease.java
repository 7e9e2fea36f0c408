package io.exactlyonce.guard.redis;

import io.exactlyonce.guard.TopicTag;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.common.errors.InterruptException;

/**
 * Deletes the claims of a deleted topic from the slices that are still looked up. Each script call
 * looks at about a thousand claims, so that Redis answers other calls in between. May be repeated.
 */
final class ClaimRelease {
  private static final int CLAIMS_PER_CALL = 1000;

  /** Slices that a claim is found in: the current one and the two before it ({@link GuardKeys}). */
  private static final int SLICES = 3;

  private static final String BEGIN = "0";

  private final RedisClusterAsyncCommands<byte[], byte[]> redis;
  private final byte[][] keys;
  private final Duration timeout;
  private final byte[] script = GuardScript.release();

  /**
   * @param timeout of each call
   */
  ClaimRelease(RedisClusterAsyncCommands<byte[], byte[]> redis, GuardKeys keys, Duration timeout) {
    this.redis = redis;
    this.keys = new byte[][] {keys.state(), keys.slicePrefix()};
    this.timeout = timeout;
  }

  /** Tags of the topics that claims are held for. Blocks until all slices are walked. */
  Set<TopicTag> topics(String generation) {
    Set<TopicTag> topics = new HashSet<>();
    walk(
        generation,
        List.of(new byte[0]),
        answer -> ((List<?>) answer.get(3)).forEach(tag -> topics.add(TopicTag.of((byte[]) tag))));
    return topics;
  }

  /**
   * Deletes a topic's claims. Blocks until all slices are walked. A slice that begins meanwhile
   * holds none of them: records of the topic are not claimed any more.
   *
   * @param from by partition, the offset from which on claims are deleted; in a partition that is
   *     absent all are
   * @return how many claims were deleted
   */
  long run(String generation, TopicTag topic, Map<Integer, Long> from) {
    List<byte[]> which = new ArrayList<>();
    which.add(topic.bytes());
    from.forEach(
        (partition, offset) -> {
          which.add(GuardKeys.bytes(Integer.toString(partition)));
          which.add(GuardKeys.bytes(Long.toString(offset)));
        });
    long[] deleted = {0};
    walk(generation, which, answer -> deleted[0] += (Long) answer.get(2));
    return deleted[0];
  }

  private void walk(String generation, List<byte[]> which, Consumer<List<Object>> consumer) {
    String slice = "";
    for (int back = 0; back < SLICES; back++) {
      String cursor = BEGIN;
      do {
        List<Object> answer = call(generation, slice, cursor, which);
        slice = answer.get(0).toString();
        cursor = new String((byte[]) answer.get(1), StandardCharsets.UTF_8);
        consumer.accept(answer);
      } while (!cursor.equals(BEGIN));
      slice = Long.toString(Long.parseLong(slice) - 1);
    }
  }

  private List<Object> call(String generation, String slice, String cursor, List<byte[]> which) {
    List<byte[]> arguments = new ArrayList<>();
    arguments.add(GuardKeys.bytes(generation));
    arguments.add(GuardKeys.bytes(slice));
    arguments.add(GuardKeys.bytes(cursor));
    arguments.add(GuardKeys.bytes(Integer.toString(CLAIMS_PER_CALL)));
    arguments.addAll(which);
    try {
      return redis
          .<List<Object>>eval(
              script, ScriptOutputType.MULTI, keys, arguments.toArray(byte[][]::new))
          .toCompletableFuture()
          .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new CompletionException(e instanceof ExecutionException ? e.getCause() : e);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }
}
