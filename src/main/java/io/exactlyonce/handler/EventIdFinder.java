package io.exactlyonce.handler;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the event id of a record that has it neither in a header nor in a field nor as its key.
 * Named in {@code guard.event-id} as {@code class:} and the name of a class, which has a public
 * constructor without arguments.
 *
 * <p>Workers' threads call it at once, and so do rebuilds, audits and replays, weeks later and in
 * other processes. All have to get the same answer for the same record: let it depend on nothing
 * else.
 */
@FunctionalInterface
public interface EventIdFinder {
  /**
   * Where it throws, the record becomes a dead letter.
   *
   * @param key null where the record has none
   * @param value null where the record has none
   * @param headers in their order; a name may repeat
   * @return the id; null or empty where the record has none, and the next place is looked at
   */
  @Nullable String find(
      byte @Nullable [] key, byte @Nullable [] value, List<Map.Entry<String, byte[]>> headers);
}
