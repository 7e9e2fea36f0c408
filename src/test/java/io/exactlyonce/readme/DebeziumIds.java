package io.exactlyonce.readme;

import io.exactlyonce.handler.EventIdFinder;
import io.micronaut.json.JsonMapper;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** A change's place in the log of its database, which Debezium sends again after a crash. */
public class DebeziumIds implements EventIdFinder {
  private static final JsonMapper JSON = JsonMapper.createDefault();

  @Override
  public String find(byte[] key, byte[] value, List<Map.Entry<String, byte[]>> headers) {
    if (value == null) {
      return null;
    }
    JsonNode change;
    try {
      change = JSON.readValue(value, JsonNode.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    JsonNode source = change.get("source");
    String table = source.get("table").coerceStringValue();
    return String.join(
        " ",
        source.get("name").coerceStringValue(),
        source.get("txId").coerceStringValue(),
        source.get("lsn").coerceStringValue(),
        change.get("op").coerceStringValue(),
        table.length() + ":" + table,
        key == null ? "" : new String(key, StandardCharsets.UTF_8));
  }
}
