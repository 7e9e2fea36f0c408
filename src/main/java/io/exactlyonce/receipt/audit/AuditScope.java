package io.exactlyonce.receipt.audit;

import io.exactlyonce.config.value.OutputHeaderNames;
import java.time.Duration;
import java.util.List;

/**
 * The group to audit, its topics and its settings.
 *
 * @param sources topics that the group reads; receipts of others, such as retry topics that are
 *     left out, are listed as not judged
 * @param sinks topics that it writes, dead letters not among them
 * @param receipts topic of its receipts
 * @param deadLetters topic of its dead letters; need not exist
 * @param since which receipts are judged
 * @param mayRepeat whether two outputs may have one event id: without a guard, or where upstream
 *     repeats an id after the guard's window
 * @param window the guard's: two records with one event id may both be processed if at least this
 *     time lies between them
 * @param headers names of the outputs' headers; what would need a header without a name is not
 *     judged
 */
public record AuditScope(
    String group,
    List<String> sources,
    List<String> sinks,
    String receipts,
    String deadLetters,
    Since since,
    boolean mayRepeat,
    Duration window,
    OutputHeaderNames headers) {

  /**
   * The whole log of a guarded pipeline with the default window of 24 hours and default names of
   * topics and headers.
   */
  public static AuditScope of(String group, List<String> sources, List<String> sinks) {
    return new AuditScope(
        group,
        sources,
        sinks,
        group + ".receipts",
        group + ".dead-letters",
        Since.oldest(),
        false,
        Duration.ofHours(24),
        OutputHeaderNames.standard());
  }
}
