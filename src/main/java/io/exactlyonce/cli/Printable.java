package io.exactlyonce.cli;

import java.nio.charset.StandardCharsets;

/**
 * What records bring along, as text for a terminal: without control characters, which would be
 * commands to it.
 */
final class Printable {
  private Printable() {}

  /** A key or a value. */
  static String of(byte[] bytes) {
    return bytes == null ? "(none)" : of(new String(bytes, StandardCharsets.UTF_8));
  }

  static String of(String text) {
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
