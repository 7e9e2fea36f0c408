package io.exactlyonce.engine;

import java.util.AbstractList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/** A record's headers as a handler sees them, without a copy. */
final class HeaderView extends AbstractList<Map.Entry<String, byte[]>> {
  private final Header[] headers;

  private HeaderView(Header[] headers) {
    this.headers = headers;
  }

  static List<Map.Entry<String, byte[]>> of(Headers headers) {
    Header[] array = headers.toArray();
    return array.length == 0 ? List.of() : new HeaderView(array);
  }

  @Override
  public Map.Entry<String, byte[]> get(int index) {
    return new java.util.AbstractMap.SimpleImmutableEntry<>(
        headers[index].key(), headers[index].value());
  }

  @Override
  public int size() {
    return headers.length;
  }
}
