package io.exactlyonce.handler;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the event id of a record that has it neither in a header nor in a field nor as its key.
 * Named in {@code guard.event-id} as {@code class:} and the name of a class, which has a public
 * constructor without arguments.
 *
 * <p>It must be thread-safe: workers' threads call it at once, and so do rebuilds, audits and
 * replays, weeks later and in other processes. All must get the same id for the same record, so the
 * id may depend on nothing else.
 */
@FunctionalInterface
public interface EventIdFinder {
  /**
   * Finds the id. Where it throws anything, the record becomes a dead letter.
   *
   * @param key null where the record has none
   * @param value null where the record has none
   * @param headers in their order; a name may repeat
   * @return the id; null or empty where the record has none: then the next place of {@code
   *     guard.event-id} is looked at
   */
  @Nullable String find(
      byte @Nullable [] key, byte @Nullable [] value, List<Map.Entry<String, byte[]>> headers);
}
