package io.exactlyonce.deadletter;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Text without control characters, in one line. What records bring along is shown so: in a terminal
 * such characters would be commands to it.
 */
public final class Printable {
  private Printable() {}

  /** A key or a value, read as UTF-8; without any it says so. */
  public static String of(byte @Nullable [] bytes) {
    return bytes == null ? "(none)" : of(new String(bytes, StandardCharsets.UTF_8));
  }

  /** Line breaks, control characters and those that turn the direction of writing are escaped. */
  public static String of(String text) {
    StringBuilder printable = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            point -> {
              if (point == '\n') {
                printable.append("\\n");
              } else if (point == '\t') {
                printable.append(' ');
              } else if (Character.isISOControl(point)
                  || Character.getType(point) == Character.FORMAT) {
                printable.append(String.format("\\u%04x", point));
              } else {
                printable.appendCodePoint(point);
              }
            });
    return printable.toString();
  }
}
