package io.exactlyonce.deadletter;

/**
 * Text without control characters, in one line. What records bring along is shown so: in a terminal
 * such characters would be commands to it.
 */
public final class Printable {
  private Printable() {}

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
