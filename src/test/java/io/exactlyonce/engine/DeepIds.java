package io.exactlyonce.engine;

import io.exactlyonce.handler.EventIdFinder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Finder whose event id is the value. At a value of brackets it recurses once per byte, and at
 * "flag" it leaves the thread's interrupt flag set.
 */
public class DeepIds implements EventIdFinder {
  @Override
  public String find(byte[] key, byte[] value, List<Map.Entry<String, byte[]>> headers) {
    String text = new String(value, StandardCharsets.UTF_8);
    if (text.equals("flag")) {
      Thread.currentThread().interrupt();
    }
    return text.startsWith("[") ? nested(value, 0) : text;
  }

  private static String nested(byte[] value, int at) {
    return at < value.length ? nested(value, at + 1) : "deep";
  }
}
