package io.exactlyonce.engine.inflight;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.engine.status.OperatorDecision;
import io.exactlyonce.engine.status.StoppedPartition;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The parked records of a pipeline, and what operators decided about those that have stopped their
 * partition.
 *
 * <p>Threads: lanes add records, timers and operators resume them, workers release those whose
 * handling is closed. Only the thread that removes a record from its set resumes it, so each is
 * resumed once. The sets are bounded by the records in flight.
 */
public final class ParkedRecords {
  /** A decision, and the failure that it is about. */
  public record Decided(OperatorDecision decision, RecordResult.Stopped stopped) {}

  private record At(TopicPartition partition, long offset) {}

  private final Set<ParkedRecord> waiting = ConcurrentHashMap.newKeySet();
  private final Set<ParkedRecord> stopped = ConcurrentHashMap.newKeySet();

  /** Number of a partition's records in {@code stopped}; absent where there is none. */
  private final Map<TopicPartition, Integer> stops = new ConcurrentHashMap<>();

  /**
   * Decisions to skip or to dead-letter. Each is kept until the partition commits past the record,
   * since a transaction with the result may abort.
   */
  private final Map<At, Decided> decisions = new ConcurrentHashMap<>();

  /**
   * What each record waits for that is away, such as a schema registry. It is kept while the record
   * is tried again, until that has another result.
   */
  private final Map<At, String> awaited = new ConcurrentHashMap<>();

  /**
   * Parks a record. To be called after its lane has written all the state that it goes on with,
   * since another thread may resume the lane at once.
   *
   * <p>The worker may have closed the record's poll meanwhile. Either this thread sees that here,
   * or the worker finds the record when it calls {@link #releaseClosed} after closing.
   */
  public void add(ParkedRecord parked) {
    if (parked.isStop()) {
      stops.merge(parked.partition(), 1, Integer::sum);
      stopped.add(parked);
    } else {
      waiting.add(parked);
    }
    if (!parked.polled.isOpen()) {
      resume(parked);
    }
  }

  /** Lets the record's lane go on; does nothing where another thread has resumed it already. */
  public void resume(ParkedRecord parked) {
    if (waiting.remove(parked)) {
      parked.resume();
    } else if (stopped.remove(parked)) {
      stops.computeIfPresent(parked.partition(), (partition, n) -> n == 1 ? null : n - 1);
      parked.resume();
    }
  }

  /**
   * Resumes the records whose poll is closed, which frees their lanes. A poll is closed when its
   * partition is drained or given up, or when its transaction aborts.
   */
  public void releaseClosed() {
    for (Set<ParkedRecord> parkedRecords : List.of(waiting, stopped)) {
      for (ParkedRecord parked : parkedRecords) {
        if (!parked.polled.isOpen()) {
          resume(parked);
        }
      }
    }
  }

  /** Notes that the record waits for something that is away. */
  public void postAway(ConsumerRecord<byte[], byte[]> record, String what) {
    awaited.put(at(record), what);
  }

  /** Notes that the record waits for nothing that is away. */
  public void postThere(ConsumerRecord<byte[], byte[]> record) {
    if (!awaited.isEmpty()) {
      awaited.remove(at(record));
    }
  }

  /** Forgets what the partition's records wait for: its next owner finds that out anew. */
  void letGo(TopicPartition partition) {
    awaited.keySet().removeIf(at -> at.partition().equals(partition));
  }

  /**
   * What a record of these partitions waits for, as {@code topic-partition@offset waits: ...};
   * empty where none waits.
   */
  public String awaited(Collection<TopicPartition> partitions) {
    if (awaited.isEmpty()) {
      return "";
    }
    return awaited.entrySet().stream()
        .filter(each -> partitions.contains(each.getKey().partition()))
        .min(Comparator.comparing(each -> each.getKey().partition() + "@" + each.getKey().offset()))
        .map(
            each ->
                each.getKey().partition()
                    + "@"
                    + each.getKey().offset()
                    + " waits: "
                    + each.getValue())
        .orElse("");
  }

  public boolean isStopped(TopicPartition partition) {
    return !stops.isEmpty() && stops.containsKey(partition);
  }

  /** The stopped partitions, the oldest stop first. */
  public List<StoppedPartition> stops() {
    return stopped.stream()
        .map(parked -> requireNonNull(parked.stopped).stop())
        .sorted(
            Comparator.comparing(StoppedPartition::since).thenComparing(StoppedPartition::position))
        .toList();
  }

  /**
   * Takes a decision about the record at which a partition is stopped, and lets its lane go on.
   *
   * @param position as {@link StoppedPartition#position} shows it
   * @throws NoSuchElementException where no partition of this instance is stopped there
   */
  public void decide(String position, OperatorDecision decision) {
    ParkedRecord parked =
        stopped.stream()
            .filter(
                candidate -> requireNonNull(candidate.stopped).stop().position().equals(position))
            .findFirst()
            .orElseThrow(
                () ->
                    new NoSuchElementException(
                        "no partition of this instance is stopped at "
                            + position
                            + "; its stops are "
                            + stops().stream().map(StoppedPartition::position).limit(10).toList()));
    if (decision.verb() != OperatorDecision.Verb.RETRY) {
      decisions.put(at(parked.record), new Decided(decision, requireNonNull(parked.stopped)));
    }
    resume(parked);
  }

  /** The decision about the record; null where there is none. */
  public @Nullable Decided decided(ConsumerRecord<byte[], byte[]> record) {
    return decisions.isEmpty() ? null : decisions.get(at(record));
  }

  public boolean hasDecisions() {
    return !decisions.isEmpty();
  }

  public void forgetBelow(TopicPartition partition, long offset) {
    if (!decisions.isEmpty()) {
      decisions.keySet().removeIf(at -> at.partition().equals(partition) && at.offset() < offset);
    }
    if (!awaited.isEmpty()) {
      awaited.keySet().removeIf(at -> at.partition().equals(partition) && at.offset() < offset);
    }
  }

  private static At at(ConsumerRecord<byte[], byte[]> record) {
    return new At(new TopicPartition(record.topic(), record.partition()), record.offset());
  }
}
