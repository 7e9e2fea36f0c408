package io.exactlyonce.explain;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to "where is my event?".
 *
 * @param asked the event id or the position that was asked for
 * @param fate the event's
 * @param isProcessed whether the event was processed: at the position that was asked for or, if
 *     that was replayed, at the replayed record
 * @param why the reason for the fate, in words
 * @param records of the sources: all with the event id that were found, or the one that was asked
 *     for and those that it leads to
 * @param more number of further records with the event id, which were not looked into
 * @param read what was read to find the answer
 * @param claim the claim on the event id, in words, for comparison; null where it was not looked up
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
   * @param sources number of source records that were searched
   * @param since time from which the sources were searched; null where they were not
   * @param receipts number of records of the receipts topic
   * @param others number of records of other topics
   * @param allReceipts whether receipts were read up to the present; if not, a later rewind may be
   *     missing
   */
  public record Read(
      long sources,
      @Nullable Instant since,
      long receipts,
      long others,
      boolean allReceipts,
      Duration took) {}
}
