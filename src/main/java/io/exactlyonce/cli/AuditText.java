package io.exactlyonce.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.exactlyonce.receipt.audit.report.AuditReport;
import io.exactlyonce.receipt.audit.report.Finding;
import java.io.IOException;
import java.util.Locale;

/** Report of an audit as text, and as JSON. */
record AuditText(AuditReport report) {
  /**
   * Findings, notes, ranges that were not judged, and counts. The last line has the number of
   * findings of each kind.
   */
  String text() {
    StringBuilder text = new StringBuilder();
    report.findings().forEach(finding -> text.append(finding).append('\n'));
    report.notes().forEach(note -> text.append("Note: ").append(note).append('\n'));
    report.unjudged().forEach(range -> text.append("Not judged: ").append(range).append('\n'));
    AuditReport.Counts counts = report.counts();
    double seconds = report.took().toMillis() / 1e3;
    long read = read(counts);
    text.append(
        String.format(
            Locale.ROOT,
            "%d receipts, %d source records, %d outputs, %d dead letters, %d duplicates dropped%n"
                + "not judged: %d records of receipts outside of the audit, %d records of other"
                + " writers%n"
                + "never judged: whether a receipt was written in the transaction that it"
                + " describes%n"
                + "%.1f s, %.0f records/s%n"
                + "lost %d  duplicated %d  out of order %d  unaccounted %d%n",
            counts.receipts(),
            counts.source(),
            counts.outputs(),
            counts.deadLetters(),
            counts.duplicates(),
            counts.later(),
            counts.foreign(),
            seconds,
            read / Math.max(seconds, 0.001),
            report.of(Finding.Kind.LOST),
            report.of(Finding.Kind.DUPLICATED),
            report.of(Finding.Kind.OUT_OF_ORDER),
            report.of(Finding.Kind.UNACCOUNTED)));
    return text.toString();
  }

  /** One JSON object on one line. */
  String json() {
    return JsonLine.of(this::fields);
  }

  private void fields(JsonGenerator json) throws IOException {
    json.writeBooleanField("clean", report.isClean());
    for (Finding.Kind kind : Finding.Kind.values()) {
      json.writeNumberField(kind.name().toLowerCase(Locale.ROOT), report.of(kind));
    }
    AuditReport.Counts counts = report.counts();
    json.writeNumberField("receipts", counts.receipts());
    json.writeNumberField("source_records", counts.source());
    json.writeNumberField("outputs", counts.outputs());
    json.writeNumberField("dead_letters", counts.deadLetters());
    json.writeNumberField("duplicates_dropped", counts.duplicates());
    json.writeNumberField("not_judged", counts.later());
    json.writeNumberField("foreign", counts.foreign());
    json.writeNumberField("millis", report.took().toMillis());
    json.writeArrayFieldStart("notes");
    for (String note : report.notes()) {
      json.writeString(note);
    }
    json.writeEndArray();
    JsonLine.objects(json, "unjudged", report.unjudged(), AuditText::unjudged);
    JsonLine.objects(json, "findings", report.findings(), AuditText::finding);
  }

  private static void unjudged(JsonGenerator json, AuditReport.Unjudged range) throws IOException {
    json.writeStringField("where", range.where());
    json.writeStringField("why", range.why());
  }

  private static void finding(JsonGenerator json, Finding finding) throws IOException {
    json.writeStringField("kind", finding.kind().name());
    json.writeStringField("where", finding.where());
    json.writeNumberField("records", finding.records());
    json.writeStringField("sentence", finding.sentence());
  }

  private static long read(AuditReport.Counts counts) {
    return counts.source()
        + counts.outputs()
        + counts.deadLetters()
        + counts.later()
        + counts.foreign();
  }
}
