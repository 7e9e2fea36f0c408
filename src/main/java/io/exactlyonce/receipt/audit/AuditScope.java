package io.exactlyonce.receipt.audit;

import io.exactlyonce.config.value.OutputHeaderNames;
import java.time.Duration;
import java.util.List;

/**
 * What is audited.
 *
 * @param sources topics that the group reads
 * @param sinks topics that it writes, dead letters not among them
 * @param receipts topic of its receipts
 * @param deadLetters topic of its dead letters; need not exist
 * @param mayRepeat whether two outputs may have one event id: without a guard, or where upstream
 *     repeats an id after the guard's window
 * @param window the guard's: two records of one event id may both be processed where so long lies
 *     between them
 * @param headers what the pipeline calls its outputs' headers; what it leaves out is not judged
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

  /** The whole log of a guarded pipeline whose topics have the default names. */
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
