package io.exactlyonce.handler;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Effects without Redis, for tests of handlers. */
final class EffectsInMemory implements Effects {
  private final Map<String, String> results = new HashMap<>();

  @Override
  public synchronized @Nullable String once(String name, Call call) throws Exception {
    if (!results.containsKey(name)) {
      String result = call.get();
      int bytes = result == null ? 0 : result.getBytes(StandardCharsets.UTF_8).length;
      if (bytes > MAX_RESULT_BYTES) {
        throw new IllegalStateException(
            "the result of effect " + name + " is " + bytes + " bytes; return what you need of it");
      }
      results.put(name, result);
    }
    return results.get(name);
  }

  @Override
  public String toString() {
    return "in memory";
  }
}
