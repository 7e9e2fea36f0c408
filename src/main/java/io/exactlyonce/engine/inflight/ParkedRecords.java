package io.exactlyonce.engine.inflight;

import io.exactlyonce.engine.status.OperatorDecision;
import io.exactlyonce.engine.status.StoppedPartition;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * The records of a pipeline that wait, and what was decided of those that wait for a decision.
 *
 * <p>Threads: lanes add, timers and operators resume, workers release what was let go. A hold is
 * resumed by whoever removes it from its set, so once. Bounded by what is in flight.
 */
public final class ParkedRecords {
  /** A decision with the failure that it is about. */
  public record Decided(OperatorDecision decision, RecordResult.Stopped stopped) {}

  private record At(TopicPartition partition, long offset) {}

  private final Set<ParkedRecord> waiting = ConcurrentHashMap.newKeySet();
  private final Set<ParkedRecord> stopped = ConcurrentHashMap.newKeySet();

  /** How many of a partition's records are in {@code stopped}. */
  private final Map<TopicPartition, Integer> stops = new ConcurrentHashMap<>();

  /** Kept until the partition commits past the record: its transaction may abort. */
  private final Map<At, Decided> decisions = new ConcurrentHashMap<>();

  /**
   * To be called after the hold's lane has written down all that it goes on with.
   *
   * <p>The chunk may have been closed meanwhile. Either this thread sees it closed here, or whoever
   * closed it finds the hold when it calls {@link #releaseClosed} afterwards.
   */
  public void add(ParkedRecord hold) {
    if (hold.isStop()) {
      stops.merge(hold.partition(), 1, Integer::sum);
      stopped.add(hold);
    } else {
      waiting.add(hold);
    }
    if (!hold.chunk.isOpen()) {
      resume(hold);
    }
  }

  /** Lets the lane go on; nothing where somebody did before. */
  public void resume(ParkedRecord hold) {
    if (waiting.remove(hold)) {
      hold.resume();
    } else if (stopped.remove(hold)) {
      stops.computeIfPresent(hold.partition(), (partition, n) -> n == 1 ? null : n - 1);
      hold.resume();
    }
  }

  /**
   * Frees the lanes whose records will not be sent: of partitions that were let go, or whose
   * transaction aborted.
   */
  public void releaseClosed() {
    for (Set<ParkedRecord> holds : List.of(waiting, stopped)) {
      for (ParkedRecord hold : holds) {
        if (!hold.chunk.isOpen()) {
          resume(hold);
        }
      }
    }
  }

  public boolean isStopped(TopicPartition partition) {
    return !stops.isEmpty() && stops.containsKey(partition);
  }

  /** Oldest first. */
  public List<StoppedPartition> stops() {
    return stopped.stream()
        .map(hold -> hold.stopped.stop())
        .sorted(
            Comparator.comparing(StoppedPartition::since).thenComparing(StoppedPartition::position))
        .toList();
  }

  /**
   * @throws NoSuchElementException where no partition of this instance stands there
   */
  public void decide(String position, OperatorDecision decision) {
    ParkedRecord hold =
        stopped.stream()
            .filter(candidate -> candidate.stopped.stop().position().equals(position))
            .findFirst()
            .orElseThrow(
                () ->
                    new NoSuchElementException(
                        "no partition of this instance stands at "
                            + position
                            + "; it stands at "
                            + stops().stream().map(StoppedPartition::position).limit(10).toList()));
    if (decision.verb() != OperatorDecision.Verb.RETRY) {
      decisions.put(at(hold.record), new Decided(decision, hold.stopped));
    }
    resume(hold);
  }

  /** What was decided of the record; null for all but a few. */
  public Decided decided(ConsumerRecord<byte[], byte[]> record) {
    return decisions.isEmpty() ? null : decisions.get(at(record));
  }

  public boolean hasDecisions() {
    return !decisions.isEmpty();
  }

  public void forgetBelow(TopicPartition partition, long offset) {
    if (!decisions.isEmpty()) {
      decisions.keySet().removeIf(at -> at.partition().equals(partition) && at.offset() < offset);
    }
  }

  private static At at(ConsumerRecord<byte[], byte[]> record) {
    return new At(new TopicPartition(record.topic(), record.partition()), record.offset());
  }
}
