package io.exactlyonce.guard;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Claims of the window that committed work depends on and that the log no longer proves. Until the
 * window has passed, a record that comes again with one of their event ids is processed again.
 *
 * @param parts where they are missing
 * @param millis when this was found out, in ms since the epoch
 */
public record MissingClaims(List<Part> parts, long millis) {
  /** Most stretches in a message; it only counts the others. */
  private static final int MAX_SHOWN = 12;

  /** Most stretches that are stored beside the claims; one line sums up the others. */
  private static final int MAX_WRITTEN = 100;

  /** The consequence of missing claims, and how to prevent it. */
  public static final String REMEDY =
      "until guard.window has passed, a record that comes again with one of their event ids is"
          + " processed again; keep sources for guard.window and the longest lag, and receipts for"
          + " guard.window";

  /** Nothing is missing. */
  public static final MissingClaims NONE = new MissingClaims(List.of(), 0);

  /**
   * A stretch of one source partition.
   *
   * @param where {@code topic-partition@first-last}
   * @param most how many claims may be missing there; fewer are where some of its records never had
   *     one
   * @param why what happened to the records or receipts that would prove them
   */
  public record Part(String where, long most, String why) {
    @Override
    public String toString() {
      return where + " (" + most + ": " + why + ")";
    }
  }

  /**
   * Reads the text of {@link #written}.
   *
   * @return {@link #NONE} where it is the text of another generation, or of an unknown version
   */
  public static MissingClaims read(String written, String generation) {
    String[] lines = written.split("\n", 0);
    List<Part> parts = new ArrayList<>();
    try {
      for (int i = 2; lines[0].equals(generation) && i < lines.length; i++) {
        String[] part = lines[i].split("\t", 3);
        parts.add(new Part(part[0], Long.parseLong(part[1]), part[2]));
      }
      return parts.isEmpty() ? NONE : new MissingClaims(parts, Long.parseLong(lines[1]));
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return NONE;
    }
  }

  /** Text to store beside the claims: a line for their generation, for the time, for each part. */
  public String written(String generation) {
    StringBuilder lines = new StringBuilder(generation).append('\n').append(millis);
    List<Part> told = new ArrayList<>(parts.subList(0, Math.min(parts.size(), MAX_WRITTEN)));
    if (parts.size() > MAX_WRITTEN) {
      List<Part> rest = parts.subList(MAX_WRITTEN, parts.size());
      long most = rest.stream().mapToLong(Part::most).sum();
      told.add(new Part(rest.size() + " stretches more", most, "see the log of the rebuild"));
    }
    told.forEach(
        part ->
            lines
                .append('\n')
                .append(part.where())
                .append('\t')
                .append(part.most())
                .append('\t')
                .append(part.why()));
    return lines.toString();
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
        parts.stream().limit(MAX_SHOWN).map(Part::toString).collect(Collectors.joining(", "));
    int more = parts.size() - MAX_SHOWN;
    return "up to "
        + most()
        + " claims of guard.window cannot be rebuilt: "
        + shown
        + (more > 0 ? " and " + more + " stretches more" : "");
  }
}
