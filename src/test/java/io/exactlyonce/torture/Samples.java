package io.exactlyonce.torture;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/** Committed records and lag of a run, sampled twice a second. */
final class Samples {
  private static final int CALL_SECONDS = 5;

  /**
   * Figures at one time.
   *
   * @param at by {@link System#nanoTime}
   * @param committed offsets of all source partitions, added up
   * @param lag records to the last stable offsets
   */
  record Sample(long at, long committed, long lag) {}

  private final Admin admin;
  private final List<Sample> samples = new ArrayList<>();

  Samples(Admin admin) {
    this.admin = admin;
  }

  /** Adds a sample; none where the brokers do not answer. */
  void take() throws InterruptedException {
    try {
      Map<TopicPartition, OffsetAndMetadata> offsets =
          answer(
              admin
                  .listConsumerGroupOffsets(TortureCluster.TOPICS.group())
                  .partitionsToOffsetAndMetadata());
      List<TopicPartition> partitions =
          answer(admin.describeTopics(List.of(TortureCluster.SOURCE)).allTopicNames())
              .get(TortureCluster.SOURCE)
              .partitions()
              .stream()
              .map(one -> new TopicPartition(TortureCluster.SOURCE, one.partition()))
              .toList();
      Map<TopicPartition, OffsetSpec> latest =
          partitions.stream().collect(Collectors.toMap(one -> one, one -> OffsetSpec.latest()));
      var ends =
          answer(
              admin
                  .listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                  .all());
      long committed =
          partitions.stream()
              .mapToLong(one -> offsets.get(one) == null ? 0 : offsets.get(one).offset())
              .sum();
      long end = ends.values().stream().mapToLong(one -> one.offset()).sum();
      add(new Sample(System.nanoTime(), committed, end - committed));
    } catch (ExecutionException | TimeoutException e) {
      // A broker is away; the next sample may succeed.
    }
  }

  private static <T> T answer(KafkaFuture<T> asked)
      throws InterruptedException, ExecutionException, TimeoutException {
    return asked.get(CALL_SECONDS, TimeUnit.SECONDS);
  }

  private synchronized void add(Sample sample) {
    samples.add(sample);
  }

  synchronized List<Sample> all() {
    return List.copyOf(samples);
  }

  synchronized Sample last() {
    return samples.isEmpty()
        ? new Sample(System.nanoTime(), 0, 0)
        : samples.get(samples.size() - 1);
  }

  /** The longest time without a commit between two times, in seconds. */
  double longestStandstill(long from, long to) {
    long longest = 0;
    Sample moved = null;
    for (Sample one : all()) {
      if (one.at() > to) {
        break;
      }
      if (moved == null || one.committed() > moved.committed() || one.lag() == 0) {
        moved = one;
      }
      if (one.at() >= from) {
        longest = Math.max(longest, one.at() - moved.at());
      }
    }
    return longest / 1e9;
  }
}
