package io.exactlyonce.explain;

import io.exactlyonce.config.value.OutputHeaderNames;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The group whose events are explained, its topics, and bounds of the search.
 *
 * @param sources topics that the group reads, without its retry topics; empty: those that it has
 *     offsets of or members for
 * @param receipts topic of its receipts
 * @param deadLetters topic of its dead letters
 * @param replays topic that lists which letters were replayed
 * @param headers names of its outputs' headers
 * @param since event ids are searched in records of this time and later, for all with the id; null:
 *     in those of the last {@code window}, and only where no claim leads to a record that was
 *     processed
 * @param window as {@code guard.window}: how far apart two records with one event id are looked for
 * @param patience bound of each request to the cluster
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

  /** A scope with a pipeline's default names, a window of 24 hours and a patience of 10 s. */
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
