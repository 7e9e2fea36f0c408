package io.exactlyonce.explain;

import io.exactlyonce.config.value.OutputHeaderNames;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whose events are explained, and where to look for them.
 *
 * @param sources topics that the group reads, without its retry topics; empty: all that it has
 *     offsets of or members for
 * @param receipts topic of its receipts
 * @param deadLetters topic of its dead letters
 * @param replays topic that lists which letters were replayed
 * @param headers what its outputs' own headers are called
 * @param since event ids are searched in records from then on, all with the id; null: for the
 *     window before now, and only where no claim leads to a record that was processed
 * @param window as {@code guard.window}: how far apart two records with one event id are looked for
 * @param patience how long the cluster may take to answer
 */
public record ExplainScope(
    String group,
    Set<String> sources,
    String receipts,
    String deadLetters,
    String replays,
    OutputHeaderNames headers,
    @Nullable Instant since,
    Duration window,
    Duration patience) {

  /** With the names that a pipeline has where it is not told otherwise. */
  public static ExplainScope of(String group, Set<String> sources) {
    return new ExplainScope(
        group,
        sources,
        group + ".receipts",
        group + ".dead-letters",
        group + ".replays",
        OutputHeaderNames.standard(),
        null,
        Duration.ofHours(24),
        Duration.ofSeconds(10));
  }
}
