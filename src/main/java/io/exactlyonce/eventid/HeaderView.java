package io.exactlyonce.eventid;

import java.util.AbstractList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** A record's headers as a handler sees them. They are copied only when it first looks at them. */
public final class HeaderView extends AbstractList<Map.Entry<String, byte[]>> {
  private final Headers headers;

  /** Null until the first look. Threads that look first at the same time may each make a copy. */
  private Header @Nullable [] array;

  private HeaderView(Headers headers) {
    this.headers = headers;
  }

  public static List<Map.Entry<String, byte[]>> of(Headers headers) {
    return new HeaderView(headers);
  }

  private Header[] array() {
    Header[] made = array;
    if (made == null) {
      made = headers.toArray();
      array = made;
    }
    return made;
  }

  @Override
  public Map.Entry<String, byte[]> get(int index) {
    Header header = array()[index];
    return new java.util.AbstractMap.SimpleImmutableEntry<>(header.key(), header.value());
  }

  @Override
  public int size() {
    return array().length;
  }
}
