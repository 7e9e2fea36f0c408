package io.exactlyonce.wiring.json;

import io.micronaut.core.type.Argument;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.serde.Decoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Objects and arrays whose elements a {@link StrictDecoder} reads, each as strictly as a single
 * value.
 */
final class JsonTree {
  private static final Argument<JsonNode> NODE = Argument.of(JsonNode.class);

  private JsonTree() {}

  static JsonNode object(Decoder decoder) throws IOException {
    Map<String, JsonNode> nodes = new LinkedHashMap<>();
    Decoder object = decoder.decodeObject(NODE);
    for (String key = object.decodeKey(); key != null; key = object.decodeKey()) {
      nodes.put(key, object.decodeNode());
    }
    object.finishStructure();
    return JsonNode.createObjectNode(nodes);
  }

  static JsonNode array(Decoder decoder) throws IOException {
    List<JsonNode> nodes = new ArrayList<>();
    Decoder array = decoder.decodeArray(NODE);
    while (array.hasNextArrayValue()) {
      nodes.add(array.decodeNode());
    }
    array.finishStructure();
    return JsonNode.createArrayNode(nodes);
  }

  static byte[] bytes(Decoder decoder) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Decoder array = decoder.decodeArray(Argument.of(byte[].class));
    while (array.hasNextArrayValue()) {
      bytes.write(array.decodeByte());
    }
    array.finishStructure();
    return bytes.toByteArray();
  }

  /**
   * Whether the value is an infinity or contains one: Jackson's result for a number that is too
   * large.
   */
  static boolean hasInfinity(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      return hasInfinity(map.values());
    }
    if (value instanceof Collection<?> all) {
      return all.stream().anyMatch(JsonTree::hasInfinity);
    }
    return (value instanceof Double d && d.isInfinite())
        || (value instanceof Float f && f.isInfinite());
  }
}
