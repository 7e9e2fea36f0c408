package io.exactlyonce.receipt;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What an audit found.
 *
 * @param findings the first 1,000
 * @param records how many records all the findings of a kind concern; kinds without any are absent
 * @param notes what could not be judged, and why
 * @param took how long the reading took
 */
public record AuditReport(
    List<Finding> findings,
    Map<Finding.Kind, Long> records,
    List<String> notes,
    Counts counts,
    Duration took) {

  /**
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

  public boolean isClean() {
    return records.isEmpty();
  }

  public long of(Finding.Kind kind) {
    return records.getOrDefault(kind, 0L);
  }
}
