package io.exactlyonce.deadletter;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** One pass over the dead letters: decides on each, and keeps up to where all were replayed. */
final class ReplayRun {
  private final String group;
  private final ReplayLog log;
  private final @Nullable ReplayTransactions transactions;
  private final Replay.Sources sources;
  private final ReplayFilter filter;
  private final long most;
  private final Replay.Watcher watcher;
  private final Function<Letter, String> ids;
  private final Map<TopicPartition, Long> frontiers = new HashMap<>();

  /** Partitions in which a letter was left: their frontier stays before it. */
  private final Set<TopicPartition> left = new HashSet<>();

  private long replayed;
  private long passed;
  private long refused;
  private long committed;
  private boolean isCutShort;

  /**
   * @param transactions null in a dry run
   * @param most so many letters at most; 0 for all
   */
  ReplayRun(
      String group,
      ReplayLog log,
      @Nullable ReplayTransactions transactions,
      Replay.Sources sources,
      ReplayFilter filter,
      long most,
      Replay.Watcher watcher,
      Function<Letter, String> ids) {
    this.group = group;
    this.log = log;
    this.transactions = transactions;
    this.sources = sources;
    this.filter = filter;
    this.most = most;
    this.watcher = watcher;
    this.ids = ids;
  }

  void begin(Map<TopicPartition, Long> from) {
    frontiers.putAll(from);
  }

  /** Decides on a letter. False where no more are to follow. */
  boolean visit(Letter letter) {
    if (most > 0 && replayed == most) {
      isCutShort = true;
      return false;
    }
    if (log.holds(letter.at())) {
      advance(letter);
      return true;
    }
    if (letter.group() != null && !letter.group().equals(group)) {
      passed++; // of another pipeline with the same topic of dead letters
      advance(letter);
      return true;
    }
    String id = ids.apply(letter);
    if (!filter.takes(letter, id)) {
      passed++;
      left.add(letter.at().partition());
      return true;
    }
    String why = hindrance(letter);
    if (why != null) {
      refused++;
      left.add(letter.at().partition());
      watcher.refused(letter, why);
      return true;
    }
    replayed++;
    watcher.replayed(letter, id);
    if (transactions != null) {
      transactions.send(letter);
      advance(letter);
      if (transactions.isDue()) {
        commit(transactions);
      }
    }
    return true;
  }

  private @Nullable String hindrance(Letter letter) {
    RecordPosition source = letter.source();
    if (source == null || letter.group() == null) {
      return "it is no dead letter: its headers do not say where it comes from and by which group";
    }
    if (letter.cut() != null) {
      return letter.cut() + ", so it is not what it was; send the event again from upstream";
    }
    return sources.missing(source.partition());
  }

  private void advance(Letter letter) {
    TopicPartition partition = letter.at().partition();
    if (!left.contains(partition)) {
      frontiers.put(partition, letter.at().offset() + 1);
    }
  }

  /**
   * Commits the rest, and reports.
   *
   * @param to the ends that were read to, control records included
   */
  ReplayReport finish(Map<TopicPartition, Long> to) {
    ReplayTransactions open = transactions;
    if (open != null && open.isOpen()) {
      if (!isCutShort) {
        to.forEach(
            (partition, end) -> {
              if (!left.contains(partition)) {
                frontiers.put(partition, end);
              }
            });
      }
      commit(open);
    }
    return new ReplayReport(replayed, log.size(), passed, refused);
  }

  private void commit(ReplayTransactions open) {
    committed += open.commit(log, frontiers);
    watcher.committed(committed);
  }
}
