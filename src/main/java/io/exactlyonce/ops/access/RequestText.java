package io.exactlyonce.ops.access;

/** What comes from a request, fit for a log and an answer. */
public final class RequestText {
  private RequestText() {}

  /** With a question mark for whatever is no printable character of ASCII. */
  public static String printable(String text) {
    return text.replaceAll("[^ -~]", "?");
  }
}
