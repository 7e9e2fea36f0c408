package io.exactlyonce.ops.access;

/** Makes text from a request safe for the log and answers. */
public final class RequestText {
  private RequestText() {}

  /** The text with a question mark for each character that is not printable ASCII. */
  public static String printable(String text) {
    return text.replaceAll("[^ -~]", "?");
  }
}
