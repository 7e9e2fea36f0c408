package io.exactlyonce.handler;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One record as its handler gets it.
 *
 * @param id the event id, which upstream duplicates share; the record's position where the record
 *     has none and the pipeline admits such records
 * @param key the record's key as UTF-8 text; null where it has none
 * @param value the decoded value
 * @param source where the record stands in the log
 * @param timestamp the record's own time
 * @param headers the record's headers in their order; a name may repeat
 * @param effects calls outside of Kafka that a rerun must not repeat
 */
public record Event<I>(
    String id,
    @Nullable String key,
    I value,
    Source source,
    Instant timestamp,
    List<Map.Entry<String, byte[]>> headers,
    Effects effects) {

  /** A record's place in the log, for messages and traces. */
  public record Source(String topic, int partition, long offset) {
    @Override
    public String toString() {
      return topic + "-" + partition + "@" + offset;
    }
  }

  /** An event whose effects are kept in memory, for tests of handlers. */
  public Event(
      String id,
      @Nullable String key,
      I value,
      Source source,
      Instant timestamp,
      List<Map.Entry<String, byte[]>> headers) {
    this(id, key, value, source, timestamp, headers, Effects.inMemory());
  }

  /** An event for tests of handlers, at offset 0 of partition 0 of topic {@code test}. */
  public static <I> Event<I> of(String id, @Nullable String key, I value) {
    return new Event<>(id, key, value, new Source("test", 0, 0), Instant.EPOCH, List.of());
  }

  /**
   * A key that is the same at each rerun of the handler for this event: give it to remote systems
   * that take an idempotency key.
   */
  public String idempotencyKey() {
    return id;
  }

  /** The last header of that name as UTF-8 text. */
  public Optional<String> header(String name) {
    String found = null;
    for (Map.Entry<String, byte[]> header : headers) {
      if (header.getKey().equals(name) && header.getValue() != null) {
        found = new String(header.getValue(), StandardCharsets.UTF_8);
      }
    }
    return Optional.ofNullable(found);
  }
}
