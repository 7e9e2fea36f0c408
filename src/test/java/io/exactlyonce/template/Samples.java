package io.exactlyonce.template;

/** Choice whether a renamed project keeps the samples. */
public enum Samples {
  KEEP,
  REMOVE;

  /**
   * @throws Refused where the text is neither {@code keep} nor {@code remove}
   */
  static Samples of(String text) {
    return switch (text) {
      case "keep" -> KEEP;
      case "remove" -> REMOVE;
      default -> throw new Refused("-Dsamples=" + text + " is neither keep nor remove");
    };
  }
}
