package io.exactlyonce.receipt.audit.report;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The result of an audit.
 *
 * @param findings the first 1,000 findings
 * @param records how many records all findings of a kind concern; kinds without any are absent
 * @param notes the first 1,000 remarks that are no findings, such as operators' decisions
 * @param unjudged the first 1,000 ranges and topics that could not be judged
 * @param took how long the audit took
 */
public record AuditReport(
    List<Finding> findings,
    Map<Finding.Kind, Long> records,
    List<String> notes,
    List<Unjudged> unjudged,
    Counts counts,
    Duration took) {

  /**
   * Numbers of what was read.
   *
   * @param receipts that were judged
   * @param source records of the source topics within them
   * @param duplicates that they list
   * @param deadLetters that were judged
   * @param outputs records in sinks that were judged
   * @param later records in sinks and dead letters that belong to receipts before or after those
   *     judged
   * @param foreign records there that this group did not write
   */
  public record Counts(
      long receipts,
      long source,
      long duplicates,
      long deadLetters,
      long outputs,
      long later,
      long foreign) {}

  /**
   * A range or topic that could not be judged, since the log does not hold what is needed.
   *
   * @param where a range of offsets, {@code topic-partition@first-last}, or a topic
   */
  public record Unjudged(String where, String why) {
    @Override
    public String toString() {
      return where + ": " + why;
    }
  }

  /** Whether there are no findings in what could be judged. */
  public boolean isClean() {
    return records.isEmpty();
  }

  /** Whether there are no findings, and nothing was left unjudged. */
  public boolean isProof() {
    return isClean() && unjudged.isEmpty();
  }

  public long of(Finding.Kind kind) {
    return records.getOrDefault(kind, 0L);
  }
}
