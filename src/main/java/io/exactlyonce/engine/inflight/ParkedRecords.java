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
 * The records of a pipeline that wait, and what was decided of those that wait for a decision.
 *
 * <p>Threads: lanes add, timers and operators resume, workers release what was let go. A record is
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

  /** What a record waits for, also while it is being tried again; until it has another result. */
  private final Map<At, String> awaited = new ConcurrentHashMap<>();

  /**
   * To be called after the record's lane has written down all that it goes on with.
   *
   * <p>Its polled records may have been closed meanwhile. Either this thread sees that here, or
   * whoever closed them finds the record when it calls {@link #releaseClosed} afterwards.
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

  /** Lets the lane go on; nothing where somebody did before. */
  public void resume(ParkedRecord parked) {
    if (waiting.remove(parked)) {
      parked.resume();
    } else if (stopped.remove(parked)) {
      stops.computeIfPresent(parked.partition(), (partition, n) -> n == 1 ? null : n - 1);
      parked.resume();
    }
  }

  /**
   * Frees the lanes whose records will not be sent: of partitions that were let go, or whose
   * transaction aborted.
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

  /** The record waits for something that is away. */
  public void postAway(ConsumerRecord<byte[], byte[]> record, String what) {
    awaited.put(at(record), what);
  }

  /** What the record may have waited for is there. */
  public void postThere(ConsumerRecord<byte[], byte[]> record) {
    if (!awaited.isEmpty()) {
      awaited.remove(at(record));
    }
  }

  /** Whoever has the partition next finds out anew what its records wait for. */
  void letGo(TopicPartition partition) {
    awaited.keySet().removeIf(at -> at.partition().equals(partition));
  }

  /** What one of these partitions waits for, and at which record; empty where none does. */
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

  /** Oldest first. */
  public List<StoppedPartition> stops() {
    return stopped.stream()
        .map(parked -> requireNonNull(parked.stopped).stop())
        .sorted(
            Comparator.comparing(StoppedPartition::since).thenComparing(StoppedPartition::position))
        .toList();
  }

  /**
   * @throws NoSuchElementException where no partition of this instance stands there
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
                        "no partition of this instance stands at "
                            + position
                            + "; it stands at "
                            + stops().stream().map(StoppedPartition::position).limit(10).toList()));
    if (decision.verb() != OperatorDecision.Verb.RETRY) {
      decisions.put(at(parked.record), new Decided(decision, requireNonNull(parked.stopped)));
    }
    resume(parked);
  }

  /** What was decided of the record; null for all but a few. */
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
