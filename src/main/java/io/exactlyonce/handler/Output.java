package io.exactlyonce.handler;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One record to be written.
 *
 * <p>A key or value that is a {@code byte[]} is written as it is, a {@code String} as UTF-8, and
 * anything else by the pipeline's serializer (JSON unless configured otherwise).
 *
 * @param topic one of the pipeline's {@code sinks}; any other makes the source record a dead letter
 * @param key decides the partition; may be null
 * @param value null writes a tombstone
 * @param headers further headers; the engine adds the event id and the source position
 */
public record Output(
    String topic,
    @Nullable Object key,
    @Nullable Object value,
    List<Map.Entry<String, byte[]>> headers) {

  public Output {
    Objects.requireNonNull(topic, "topic");
    headers = List.copyOf(headers);
  }

  public static Output to(String topic, @Nullable Object key, @Nullable Object value) {
    return new Output(topic, key, value, List.of());
  }
}
