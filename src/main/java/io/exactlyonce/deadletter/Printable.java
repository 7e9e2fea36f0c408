package io.exactlyonce.deadletter;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Makes text of records printable, in one line: their control characters would be commands to a
 * terminal.
 */
public final class Printable {
  private Printable() {}

  /** A key or a value, read as UTF-8; {@code (none)} for null. */
  public static String of(byte @Nullable [] bytes) {
    return bytes == null ? "(none)" : of(new String(bytes, StandardCharsets.UTF_8));
  }

  /** Escapes line breaks, control characters and format characters; a tab becomes a space. */
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
