package io.exactlyonce.cli;

import io.exactlyonce.deadletter.Letter;
import io.exactlyonce.deadletter.LetterList;
import io.exactlyonce.deadletter.Printable;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Dead letters as text: a line each, and below it what was asked for.
 *
 * @param stack whether stack traces are shown
 * @param values whether keys and values are shown
 */
record LetterText(PrintWriter out, boolean stack, boolean values) implements LetterList.Viewer {
  private static final String BELOW = "    ";

  @Override
  public void view(Letter letter, @Nullable String id) {
    List<String> parts = new ArrayList<>();
    parts.add(letter.at().toString());
    parts.add(letter.time().toString());
    parts.add(id == null ? "without an event id" : id);
    parts.add(
        letter.source() == null
            ? "not a dead letter (it names no source)"
            : letter.source().toString());
    if (letter.reason() != null) {
      parts.add(letter.reason());
    }
    if (letter.exception() != null) {
      parts.add(letter.exception() + (letter.message() == null ? "" : ": " + letter.message()));
    }
    out.println(Printable.of(String.join("  ", parts)));
    if (stack && letter.stack() != null) {
      letter.stack().lines().forEach(line -> out.println(BELOW + Printable.of(line)));
    }
    if (values) {
      out.println(BELOW + "key: " + Printable.of(letter.record().key()));
      out.println(BELOW + "value: " + Printable.of(letter.record().value()));
    }
  }
}
