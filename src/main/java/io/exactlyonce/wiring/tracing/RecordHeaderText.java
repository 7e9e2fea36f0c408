package io.exactlyonce.wiring.tracing;

import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapSetter;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes headers of Kafka records as text. Of several headers of one name the last is
 * read, and a write replaces all.
 */
enum RecordHeaderText implements TextMapGetter<Headers>, TextMapSetter<Headers> {
  INSTANCE;

  @Override
  public @Nullable String get(@Nullable Headers headers, String key) {
    Header header = headers == null ? null : headers.lastHeader(key);
    return header == null || header.value() == null
        ? null
        : new String(header.value(), StandardCharsets.UTF_8);
  }

  @Override
  public void set(@Nullable Headers headers, String key, String value) {
    if (headers != null) {
      headers.remove(key).add(key, value.getBytes(StandardCharsets.UTF_8));
    }
  }
}
