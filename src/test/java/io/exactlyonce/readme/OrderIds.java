package io.exactlyonce.readme;

import io.exactlyonce.handler.EventIdFinder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** The id is what stands before the first semicolon of the value. */
public class OrderIds implements EventIdFinder {
  @Override
  public String find(byte[] key, byte[] value, List<Map.Entry<String, byte[]>> headers) {
    String text = new String(value, StandardCharsets.UTF_8);
    return text.substring(0, text.indexOf(';'));
  }
}
