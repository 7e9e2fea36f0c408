package io.exactlyonce.explain;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to "where is my event?".
 *
 * @param asked the event id or the position that was asked for
 * @param fate what became of the event
 * @param isProcessed whether it was processed to its end, at the position that was asked for or, of
 *     a replayed one, where it was replayed to
 * @param records of the sources: all with the event id that were found, or the one that was asked
 *     for and those that it leads to
 * @param more further records with the event id, which were counted and not looked into
 * @param read what was read to find this
 * @param claim what the guard's store says of the event id, for comparison; null where it was not
 *     asked
 */
public record Explanation(
    String group,
    String asked,
    Fate fate,
    boolean isProcessed,
    String why,
    List<Sighting> records,
    int more,
    Read read,
    @Nullable String claim) {

  /**
   * How much was read.
   *
   * @param sources records of the sources
   * @param since from when on the sources were searched; null where they were not
   * @param receipts records of the receipts topic
   * @param others records of other topics
   * @param allReceipts whether receipts were read up to the present: if not, a rewind since is not
   *     known
   */
  public record Read(
      long sources,
      @Nullable Instant since,
      long receipts,
      long others,
      boolean allReceipts,
      Duration took) {}
}
