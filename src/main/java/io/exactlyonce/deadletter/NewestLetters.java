package io.exactlyonce.deadletter;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Supplier;

/**
 * Keeps the newest of the letters that are added, up to a limit. Of each partition it keeps those
 * with the highest offsets, whatever their clocks said, so that a later look can go on below them.
 *
 * <p>Stretches come the newest first; within one, a partition's letters come in offset order.
 */
final class NewestLetters {
  /**
   * @param newest latest time of its partition in this stretch so far, so that it never goes back
   */
  private record Ranked(int stretch, Instant newest, SeenLetter letter) {
    /** The oldest first. */
    static final Comparator<Ranked> ORDER =
        Comparator.comparing(Ranked::stretch, Comparator.reverseOrder())
            .thenComparing(Ranked::newest)
            .thenComparing(ranked -> ranked.letter.at().partition().partition())
            .thenComparing(ranked -> ranked.letter.at().offset());
  }

  private final int limit;
  private final PriorityQueue<Ranked> kept = new PriorityQueue<>(Ranked.ORDER);
  private final Map<Integer, Long> left = new HashMap<>();
  private final Map<Integer, Instant> latest = new HashMap<>();
  private int stretch;

  NewestLetters(int limit) {
    this.limit = limit;
  }

  /**
   * @param seen makes the part of the letter that is kept
   */
  void add(int ofStretch, Letter letter, Supplier<SeenLetter> seen) {
    if (ofStretch != stretch) {
      stretch = ofStretch;
      latest.clear();
    }
    Instant newest =
        latest.merge(
            letter.record().partition(),
            letter.time(),
            (one, other) -> one.isAfter(other) ? one : other);
    kept.add(new Ranked(stretch, newest, seen.get()));
    if (kept.size() > limit) {
      RecordPosition out = kept.remove().letter().at();
      left.merge(out.partition().partition(), out.offset(), Math::max);
    }
  }

  /** Takes out the last stretch. All letters that had to go since it began were its own. */
  void forget(int lastStretch) {
    kept.removeIf(ranked -> ranked.stretch() == lastStretch);
    left.clear();
  }

  boolean isFull() {
    return kept.size() >= limit;
  }

  /** Highest offset per partition of a letter that fits and is not kept. */
  Map<Integer, Long> left() {
    return left;
  }

  /** The newest first. */
  List<SeenLetter> letters() {
    List<SeenLetter> letters = new ArrayList<>(kept.stream().map(Ranked::letter).toList());
    letters.sort(
        Comparator.comparing(SeenLetter::time)
            .thenComparing(letter -> letter.at().partition().partition())
            .thenComparing(letter -> letter.at().offset())
            .reversed());
    return letters;
  }
}
