package io.exactlyonce.torture.checker;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Compares what was sent to what a read_committed reader finds. It uses only what any reader sees
 * of the product: two sinks that get one output each of every event, a topic of dead letters, and
 * the header that says where an output comes from. {@code ArchitectureSpec} keeps every other class
 * of the project out of this package, so that a mistake of the product cannot be repeated here.
 */
public final class Checker {
  private final Map<String, List<Sent>> sent;
  private final List<Seen> left;
  private final List<Seen> right;
  private final List<Seen> letters;
  private final List<Finding> findings = new ArrayList<>();

  /**
   * @param sent everything, also records that were not acknowledged or were aborted
   * @param left records of one sink, those of each partition in its order
   * @param right records of the other sink
   * @param letters the dead letters
   */
  public Checker(Collection<Sent> sent, List<Seen> left, List<Seen> right, List<Seen> letters) {
    this.sent = sent.stream().collect(Collectors.groupingBy(Sent::id));
    this.left = left;
    this.right = right;
    this.letters = letters;
  }

  /** Finds all that is wrong; empty where nothing is. */
  public List<Finding> check() {
    Map<String, Long> inLeft = count(left);
    Map<String, Long> inRight = count(right);
    Map<String, Long> dead = count(letters);
    duplicates("left", inLeft);
    duplicates("right", inRight);
    duplicates("dead letters", dead);
    torn(inLeft, inRight);
    sent.forEach((id, records) -> event(id, records, inLeft, dead));
    left.forEach(this::origin);
    right.forEach(this::origin);
    order("left", left);
    order("right", right);
    balances();
    return List.copyOf(findings);
  }

  private static Map<String, Long> count(List<Seen> seen) {
    return seen.stream().collect(Collectors.groupingBy(Seen::id, Collectors.counting()));
  }

  private void duplicates(String where, Map<String, Long> counts) {
    counts.forEach(
        (id, times) -> {
          if (times > 1) {
            find(Finding.Kind.DUPLICATED, id + " is " + times + " times in " + where);
          }
        });
  }

  private void torn(Map<String, Long> inLeft, Map<String, Long> inRight) {
    Set<String> ids = new HashSet<>(inLeft.keySet());
    ids.addAll(inRight.keySet());
    for (String id : ids) {
      if (inLeft.containsKey(id) != inRight.containsKey(id)) {
        find(
            Finding.Kind.TORN,
            id + " is in " + (inLeft.containsKey(id) ? "left" : "right") + " alone");
      }
    }
  }

  private void event(
      String id, List<Sent> records, Map<String, Long> inLeft, Map<String, Long> dead) {
    Sent.Kind kind = records.get(0).kind();
    boolean isThere = records.stream().anyMatch(Sent::isAcknowledged);
    switch (kind) {
      case PROCESSED -> {
        if (isThere && !inLeft.containsKey(id)) {
          find(
              dead.containsKey(id) ? Finding.Kind.MISPLACED : Finding.Kind.LOST,
              id + " has no output; it was sent as " + records);
        }
      }
      case DEAD_LETTER -> {
        if (isThere && !dead.containsKey(id)) {
          find(Finding.Kind.LOST, id + " is no dead letter; it was sent as " + records);
        }
        if (inLeft.containsKey(id)) {
          find(Finding.Kind.MISPLACED, id + " has an output and should be a dead letter");
        }
      }
      case ABORTED -> {
        if (inLeft.containsKey(id) || dead.containsKey(id)) {
          find(Finding.Kind.UNCOMMITTED, id + " was aborted by its producer and is visible");
        }
      }
      default -> throw new IllegalStateException("no such kind: " + kind);
    }
    if (kind == Sent.Kind.PROCESSED && dead.containsKey(id) && inLeft.containsKey(id)) {
      find(Finding.Kind.MISPLACED, id + " is a dead letter and has an output");
    }
  }

  /** Checks that an output comes from one of the records that its event was sent as. */
  private void origin(Seen seen) {
    List<Sent> records = sent.get(seen.id());
    if (records == null || records.stream().noneMatch(one -> isOf(one, seen))) {
      find(Finding.Kind.MADE_UP, seen + " comes from none of " + records);
    }
  }

  private static boolean isOf(Sent one, Seen seen) {
    return one.key().equals(seen.key())
        && one.amount() == seen.amount()
        && one.topic().equals(seen.sourceTopic())
        && (!one.isAcknowledged()
            || one.partition() == seen.sourcePartition() && one.offset() == seen.sourceOffset());
  }

  /**
   * Checks the order of a key's outputs by source partition. A copy in another partition is no
   * disorder.
   */
  private void order(String where, List<Seen> seen) {
    Comparator<Seen> byPlace =
        Comparator.comparingInt((Seen one) -> one.at().partition())
            .thenComparingLong(one -> one.at().offset());
    Map<String, Long> last = new HashMap<>();
    Set<String> told = new HashSet<>();
    seen.stream()
        .sorted(byPlace)
        .forEach(
            one -> {
              String line = one.key() + " of " + one.sourceTopic() + "-" + one.sourcePartition();
              Long before = last.put(line, one.sourceOffset());
              if (before != null && before > one.sourceOffset() && told.add(line)) {
                find(
                    Finding.Kind.DISORDERED,
                    "key "
                        + line
                        + ": "
                        + one.sourceOffset()
                        + " comes behind "
                        + before
                        + " in "
                        + where);
              }
            });
  }

  /**
   * Checks the sum of each key, over the events that have an output: lost events are findings of
   * their own.
   */
  private void balances() {
    Map<String, Long> is = sums(left, Seen::key, Seen::amount);
    Set<String> ids = left.stream().map(Seen::id).collect(Collectors.toSet());
    List<Sent> once =
        sent.entrySet().stream()
            .filter(event -> ids.contains(event.getKey()))
            .map(event -> event.getValue().get(0))
            .toList();
    Map<String, Long> wanted = sums(once, Sent::key, Sent::amount);
    wanted.forEach(
        (key, sum) -> {
          if (!sum.equals(is.get(key))) {
            find(
                Finding.Kind.UNBALANCED,
                "key " + key + " adds up to " + is.get(key) + " and was sent " + sum);
          }
        });
  }

  private static <T> Map<String, Long> sums(
      List<T> all, Function<T, String> key, Function<T, Long> amount) {
    return all.stream()
        .collect(Collectors.groupingBy(key, TreeMap::new, Collectors.summingLong(amount::apply)));
  }

  private void find(Finding.Kind kind, String what) {
    findings.add(new Finding(kind, what));
  }
}
