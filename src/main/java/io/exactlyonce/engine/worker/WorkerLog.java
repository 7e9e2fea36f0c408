package io.exactlyonce.engine.worker;

import io.exactlyonce.config.value.Units;
import io.exactlyonce.engine.inflight.Track;
import io.exactlyonce.engine.inflight.Tracks;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of a worker in the log, a line for each change with how long it took: started,
 * partitions assigned and from which offsets, revoked, lost, recovered, stopped. The worker's
 * thread alone calls it. Times are of {@link System#nanoTime}'s kind.
 *
 * <p>In a storm of rebalances or recoveries the first {@link #BURST} lines of a kind are written as
 * they come; when {@link #PERIOD} has passed since the first, the last of the others follows with
 * their number.
 */
final class WorkerLog {
  static final Duration PERIOD = Duration.ofMinutes(1);
  static final int BURST = 5;

  /** How long the line of an assignment waits for the positions. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Partitions that a line names; of the others it says how many there are. */
  static final int MAX_NAMED = 20;

  private static final Logger LOG = LoggerFactory.getLogger(WorkerLog.class);
  private static final Comparator<TopicPartition> ORDER =
      Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition);

  private enum Kind {
    ASSIGNED,
    REVOKED,
    LOST,
    RECOVERED
  }

  /** Lines of one kind in the current period. */
  private static final class Storm {
    private long since;
    private int written;
    private int held;
    private String last = "";
  }

  private final String worker;
  private final Map<Kind, Storm> storms = new EnumMap<>(Kind.class);

  /** Whether any line is held back; asked each turn. */
  private boolean isHolding;

  /**
   * Partitions that were assigned and of which no line was written yet, with {@code @offset} where
   * it is known.
   */
  private final Map<TopicPartition, String> unsaid = new HashMap<>();

  private long assignedAt;

  WorkerLog(String worker) {
    this.worker = worker;
  }

  void started(long begun, long now) {
    write("started" + in(begun, now));
  }

  /**
   * Says which partitions were assigned when their positions are known, or {@link #PATIENCE} has
   * passed: where the group has no offset they take a moment.
   *
   * @param begun when the callback began
   */
  void assigned(Collection<TopicPartition> partitions, long begun) {
    if (unsaid.isEmpty()) {
      assignedAt = begun;
    }
    partitions.forEach(partition -> unsaid.put(partition, ""));
  }

  private void maybeSayAssigned(Tracks tracks, long now) {
    unsaid.keySet().removeIf(partition -> tracks.get(partition) == null);
    // Noted when it is located: those that wait for the others' positions read on meanwhile.
    unsaid.replaceAll((partition, from) -> from.isEmpty() ? from(tracks.get(partition)) : from);
    boolean isWaiting = unsaid.containsValue("") && now - assignedAt < PATIENCE.toNanos();
    if (!unsaid.isEmpty() && !isWaiting) {
      String from = named(unsaid.keySet(), this::position);
      unsaid.clear();
      say(Kind.ASSIGNED, "assigned " + from + in(assignedAt, now), now);
    }
  }

  private static String from(@Nullable Track track) {
    return track != null && track.isLocated() ? "@" + track.committed() : "";
  }

  private String position(TopicPartition partition) {
    String from = unsaid.getOrDefault(partition, "");
    return partition + (from.isEmpty() ? " (its position is not known yet)" : from);
  }

  /**
   * @param how what became of the records in flight
   */
  void revoked(Collection<TopicPartition> partitions, String how, long begun, long now) {
    String gone = named(partitions, TopicPartition::toString);
    say(Kind.REVOKED, "revoked " + gone + in(begun, now) + ": " + how, now);
  }

  void lost(Collection<TopicPartition> partitions, long now) {
    String gone = named(partitions, TopicPartition::toString);
    say(
        Kind.LOST,
        "lost "
            + gone
            + ": this worker is no member any more, so what was in flight of them is not committed",
        now);
  }

  void recovered(Recovery.Ended recovery, long now) {
    String line =
        String.format(
            "recovered%s by %d %s, after %s",
            in(recovery.begun(), now),
            recovery.attempts(),
            recovery.attempts() == 1 ? "attempt" : "attempts",
            recovery.after());
    say(Kind.RECOVERED, line, now);
  }

  /**
   * @param isClean whether all that its handlers had begun is committed
   */
  void stopped(boolean isClean, long begun, long now) {
    String took = in(begun, now);
    write(
        isClean
            ? "stopped clean" + took
            : "stopped" + took + ": not all that its handlers had begun is committed");
  }

  private void say(Kind kind, String line, long now) {
    Storm storm = storms.computeIfAbsent(kind, none -> new Storm());
    maybeEnd(storm, now);
    if (storm.written == 0) {
      storm.since = now;
    }
    if (storm.written < BURST) {
      storm.written++;
      write(line);
    } else {
      storm.held++;
      storm.last = line;
      isHolding = true;
    }
  }

  /** Writes what is due by now. Called each turn, so cheap where nothing is. */
  void look(Tracks tracks, long now) {
    if (!unsaid.isEmpty()) {
      maybeSayAssigned(tracks, now);
    }
    if (isHolding) {
      isHolding = false;
      storms.values().forEach(storm -> maybeEnd(storm, now));
    }
  }

  /** Writes what is held back, since the worker ends. */
  void end() {
    storms.values().forEach(this::end);
  }

  private void maybeEnd(Storm storm, long now) {
    if (storm.written == 0 || now - storm.since < PERIOD.toNanos()) {
      isHolding |= storm.held > 0;
      return;
    }
    end(storm);
  }

  private void end(Storm storm) {
    if (storm.held > 0) {
      write(
          storm.last
              + " (the last of "
              + storm.held
              + " that were held back within "
              + Units.text(PERIOD)
              + ")");
    }
    storm.written = 0;
    storm.held = 0;
  }

  private void write(String line) {
    LOG.info("{}: {}", worker, line);
  }

  private static String named(
      Collection<TopicPartition> partitions, Function<TopicPartition, String> name) {
    List<TopicPartition> sorted = partitions.stream().sorted(ORDER).toList();
    String named = sorted.stream().limit(MAX_NAMED).map(name).collect(Collectors.joining(", "));
    int others = sorted.size() - MAX_NAMED;
    return others > 0 ? named + " and " + others + " more" : named;
  }

  private static String in(long begun, long now) {
    return " in " + Units.text(Duration.ofNanos(now - begun));
  }
}
