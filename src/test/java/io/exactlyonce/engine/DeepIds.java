package io.exactlyonce.engine;

import io.exactlyonce.handler.EventIdFinder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * The value as the id; a value of brackets is walked into by recursion, and "flag" leaves the
 * thread's interrupt flag up.
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
