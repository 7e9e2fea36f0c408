package io.exactlyonce.guard;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Claims of the window that committed work rests on and that the log no longer proves. Until the
 * window has passed, a record that comes again with one of their event ids is processed again.
 */
public record MissingClaims(List<Part> parts) {
  /** More would not be read; the rest is counted. */
  private static final int MOST_SHOWN = 12;

  /** What it means, and how it is prevented. */
  public static final String REMEDY =
      "until guard.window has passed, a record that comes again with one of their event ids is"
          + " processed again; keep sources for guard.window and the longest lag, and receipts for"
          + " guard.window";

  /** Nothing is missing. */
  public static final MissingClaims NONE = new MissingClaims(List.of());

  /**
   * A stretch of one source partition.
   *
   * @param where {@code topic-partition@first-last}
   * @param most how many claims are missing there; less where some of its records never had one
   * @param why what became of what would prove them
   */
  public record Part(String where, long most, String why) {
    @Override
    public String toString() {
      return where + " (" + most + ": " + why + ")";
    }
  }

  public boolean isEmpty() {
    return parts.isEmpty();
  }

  public long most() {
    return parts.stream().mapToLong(Part::most).sum();
  }

  /** How many, where and why, in one line. */
  @Override
  public String toString() {
    String shown =
        parts.stream().limit(MOST_SHOWN).map(Part::toString).collect(Collectors.joining(", "));
    int more = parts.size() - MOST_SHOWN;
    return "up to "
        + most()
        + " claims of guard.window cannot be rebuilt: "
        + shown
        + (more > 0 ? " and " + more + " stretches more" : "");
  }
}
