package io.exactlyonce.cli;

import io.exactlyonce.deadletter.Letter;
import io.exactlyonce.deadletter.Printable;
import io.exactlyonce.explain.Explanation;
import io.exactlyonce.explain.Sighting;
import io.exactlyonce.explain.Step;
import java.util.Locale;

/**
 * Explanation as text: each record with its time line, then what became of the event.
 *
 * @param values whether keys, values and messages of exceptions are shown
 */
record ExplainText(boolean values) {
  private static final String BELOW = "      ";

  String of(Explanation explanation) {
    StringBuilder text = new StringBuilder();
    for (Sighting sighting : explanation.records()) {
      line(
          text,
          String.format(
              "%s  %s  %s: %s",
              sighting.position(),
              sighting.eventId() == null ? "without an event id" : sighting.eventId(),
              sighting.fate(),
              sighting.why()));
      sighting.steps().forEach(step -> step(text, step));
    }
    if (explanation.more() > 0) {
      line(text, explanation.more() + " further records have this event id");
    }
    line(
        text,
        String.format(
            "%s: %s, group %s: %s",
            explanation.fate(), explanation.asked(), explanation.group(), explanation.why()));
    if (explanation.claim() != null) {
      line(text, "claim in Redis: " + explanation.claim());
    }
    line(text, read(explanation.read()));
    return text.toString();
  }

  private void step(StringBuilder text, Step step) {
    StringBuilder row = new StringBuilder();
    row.append(
        String.format(
            "  %-24s  %-7s  %s",
            step.time(), step.what().name().toLowerCase(Locale.ROOT), step.at()));
    if (!step.told().isEmpty()) {
      row.append("  ").append(step.told());
    }
    if (step.receipt() != null) {
      row.append(", by ").append(step.receipt().transactionalId());
    }
    line(text, row.toString());
    if (values && step.record() != null) {
      if (step.what() == Step.What.LETTER) {
        line(text, BELOW + "message: " + new Letter(step.record()).message());
      }
      line(text, BELOW + "key: " + Printable.of(step.record().key()));
      line(text, BELOW + "value: " + Printable.of(step.record().value()));
    }
  }

  private static String read(Explanation.Read read) {
    return String.format(
        Locale.ROOT,
        "read in %.1f s: %,d records of the sources%s, %,d of the receipts%s, %,d others",
        read.took().toMillis() / 1000.0,
        read.sources(),
        read.since() == null ? "" : " since " + read.since(),
        read.receipts(),
        read.allReceipts() ? "" : " (not up to the present: a later rewind is not seen)",
        read.others());
  }

  private static void line(StringBuilder text, String line) {
    text.append(Printable.of(line)).append(System.lineSeparator());
  }
}
