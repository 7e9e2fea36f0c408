package io.exactlyonce.lag;

import static java.util.Objects.requireNonNull;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Measures the lag of some groups repeatedly, and keeps the history that a check needs. For one
 * thread.
 */
public final class LagChecks {
  /** A partition that a pipeline reads. */
  private record Key(String pipeline, TopicPartition partition) {}

  /**
   * Limit of partitions whose oldest record a check reads. The ages of others are estimated from
   * end offsets that checks have found.
   */
  private static final int MAX_READ = 200;

  private final List<Watched> watched;
  private final LagMeasurement measurement;
  private final OldestRecords oldestRecords;
  private final KnownTimes known;
  private final Duration interval;
  private final Clock clock;
  private final Map<Key, PartitionHistory> histories = new HashMap<>();

  /** Since when each pipeline cannot be measured, by its name. */
  private final Map<String, Instant> unmeasuredSince = new HashMap<>();

  /**
   * @param readers makes read_committed consumers without a group, with {@link
   *     OldestRecords#READER_SETTINGS}
   * @param known oldest records that workers of this process hold
   * @param brokers their addresses, for messages
   * @param bound of each of a check's four steps
   * @param interval from one check to the next
   */
  public LagChecks(
      List<Watched> watched,
      Supplier<Consumer<byte[], byte[]>> readers,
      KnownTimes known,
      String brokers,
      Duration bound,
      Duration interval,
      Clock clock) {
    this.watched = List.copyOf(watched);
    this.measurement = new LagMeasurement(brokers, bound, clock);
    this.oldestRecords = new OldestRecords(readers);
    this.known = known;
    this.interval = interval;
    this.clock = clock;
  }

  /** Checks all groups. It throws only where its thread is interrupted. */
  public List<GroupLag> check(Admin admin) {
    Instant began = clock.instant();
    watched.forEach(each -> known.oldest(each.pipeline())); // starts a look-up beside the requests
    Map<Watched, LagMeasurement.Measured> measured = measurement.measure(admin, watched);
    measured.forEach((each, found) -> addKnownTimes(each, found.samples()));
    addReadTimes(measured);
    return watched.stream()
        .map(each -> lag(each, requireNonNull(measured.get(each)), began))
        .toList();
  }

  /** The result for groups that were not measured at all, for the given reason. */
  public List<GroupLag> cannotMeasure(String why) {
    Instant now = clock.instant();
    return watched.stream()
        .map(
            each ->
                new GroupLag(each.pipeline(), each.group(), now, List.of(), why, since(each, now)))
        .toList();
  }

  private Instant since(Watched each, Instant began) {
    return unmeasuredSince.computeIfAbsent(each.pipeline(), p -> began);
  }

  private void addKnownTimes(Watched each, Map<TopicPartition, PartitionSample> samples) {
    Map<TopicPartition, RecordTime> oldest = known.oldest(each.pipeline());
    samples.replaceAll(
        (partition, sample) ->
            oldest.containsKey(partition) ? sample.withOldest(oldest.get(partition)) : sample);
  }

  /**
   * Reads the oldest records of partitions whose age is not known otherwise, of those furthest
   * behind first. A partition that several pipelines read is read once.
   */
  private void addReadTimes(Map<Watched, LagMeasurement.Measured> measured) {
    Map<Key, PartitionSample> needed = new HashMap<>();
    measured.forEach(
        (each, found) ->
            found
                .samples()
                .forEach(
                    (partition, sample) -> {
                      Key key = new Key(each.pipeline(), partition);
                      if (history(key).needsRecordTime(sample)) {
                        needed.put(key, sample);
                      }
                    }));
    Map<TopicPartition, PartitionSample> read = new HashMap<>();
    List<Map.Entry<Key, PartitionSample>> furthest = new ArrayList<>(needed.entrySet());
    furthest.sort(Comparator.comparing(entry -> -entry.getValue().records()));
    furthest.stream()
        .limit(MAX_READ)
        .forEach(entry -> read.putIfAbsent(entry.getKey().partition(), entry.getValue()));
    Map<TopicPartition, RecordTime> times = oldestRecords.read(read);
    measured.forEach(
        (each, found) ->
            found
                .samples()
                .replaceAll(
                    (partition, sample) ->
                        sample.equals(read.get(partition)) && times.containsKey(partition)
                            ? sample.withOldest(times.get(partition))
                            : sample));
  }

  private PartitionHistory history(Key key) {
    return histories.computeIfAbsent(key, k -> new PartitionHistory(k.partition(), interval));
  }

  private GroupLag lag(Watched each, LagMeasurement.Measured found, Instant began) {
    List<PartitionLag> partitions =
        found.samples().entrySet().stream()
            .map(entry -> history(new Key(each.pipeline(), entry.getKey())).add(entry.getValue()))
            .collect(Collectors.toList());
    String unmeasured = found.unmeasured().toString();
    if (unmeasured.isEmpty()) {
      unmeasuredSince.remove(each.pipeline());
    }
    Instant since = unmeasured.isEmpty() ? null : since(each, began);
    return new GroupLag(
        each.pipeline(), each.group(), clock.instant(), partitions, unmeasured, since);
  }
}
