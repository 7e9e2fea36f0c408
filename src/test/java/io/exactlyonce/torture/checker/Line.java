package io.exactlyonce.torture.checker;

/**
 * Value of every record of a run, as text: {@code id|amount|mode|millis}.
 *
 * @param mode what the handler is to do with it
 * @param sentAt when it was sent, in milliseconds since 1970
 */
public record Line(String id, long amount, String mode, long sentAt) {

  public static Line parse(String text) {
    String[] parts = text.split("\\|", 5);
    return new Line(parts[0], Long.parseLong(parts[1]), parts[2], Long.parseLong(parts[3]));
  }

  public String text() {
    return id + "|" + amount + "|" + mode + "|" + sentAt;
  }
}
