package io.exactlyonce.ops;

import io.exactlyonce.admin.Job;
import io.exactlyonce.admin.Maintenance;
import io.exactlyonce.receipt.audit.report.AuditReport;
import io.exactlyonce.receipt.audit.report.Finding;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Job that audits a pipeline. Its result has the counts of the report, and at most 100 each of its
 * findings, unjudged ranges and notes.
 */
record AuditJob(Maintenance maintenance) implements Job.Work {
  private static final int MAX_LISTED = 100;

  @Override
  public Map<String, Object> run(AtomicLong progress) {
    AuditReport report = maintenance.audit(progress::addAndGet);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("clean", report.isClean());
    result.put("proof", report.isProof());
    for (Finding.Kind kind : Finding.Kind.values()) {
      result.put(kind.name().toLowerCase(Locale.ROOT), report.of(kind));
    }
    AuditReport.Counts counts = report.counts();
    result.put("receipts", counts.receipts());
    result.put("sourceRecords", counts.source());
    result.put("outputs", counts.outputs());
    result.put("deadLetters", counts.deadLetters());
    result.put("duplicatesDropped", counts.duplicates());
    result.put("millis", report.took().toMillis());
    result.put(
        "findings", report.findings().stream().limit(MAX_LISTED).map(String::valueOf).toList());
    result.put(
        "unjudged", report.unjudged().stream().limit(MAX_LISTED).map(String::valueOf).toList());
    result.put("notes", report.notes().stream().limit(MAX_LISTED).toList());
    return result;
  }
}
