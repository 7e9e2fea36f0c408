package io.exactlyonce.receipt.audit.report;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Collects findings: all are counted, the first 1,000 kept. */
public final class Findings {
  private static final int MAX_KEPT = 1000;

  private final List<Finding> kept = new ArrayList<>();
  private final Map<Finding.Kind, Long> records = new EnumMap<>(Finding.Kind.class);
  private final List<String> notes = new ArrayList<>();
  private final List<AuditReport.Unjudged> unjudged = new ArrayList<>();

  public void add(Finding.Kind kind, String where, long concerned, String sentence) {
    records.merge(kind, concerned, Long::sum);
    if (kept.size() < MAX_KEPT) {
      kept.add(new Finding(kind, where, concerned, sentence));
    }
  }

  /** Adds a remark that is no finding. */
  public void note(String sentence) {
    if (notes.size() < MAX_KEPT) {
      notes.add(sentence);
    }
  }

  /** Adds a range or topic that could not be judged. */
  public void unjudged(String where, String why) {
    if (unjudged.size() < MAX_KEPT) {
      unjudged.add(new AuditReport.Unjudged(where, why));
    }
  }

  public List<AuditReport.Unjudged> unjudged() {
    return List.copyOf(unjudged);
  }

  public List<Finding> kept() {
    return List.copyOf(kept);
  }

  public Map<Finding.Kind, Long> records() {
    return Map.copyOf(records);
  }

  public List<String> notes() {
    return List.copyOf(notes);
  }
}
