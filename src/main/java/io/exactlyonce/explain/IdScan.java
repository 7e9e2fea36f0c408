package io.exactlyonce.explain;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.receipt.BoundedClose;
import io.exactlyonce.receipt.LogReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;

/**
 * Searches ranges of the sources for the records of one event id, for which Kafka has no index. The
 * partitions are shared by as many readers as there are processors, at most.
 *
 * @param readers makes read_committed consumers without a group, which are closed here
 * @param eventIds finds a record's event id as the pipeline does; null where it has none
 * @param most this many records are kept, and further ones counted
 */
record IdScan(
    Supplier<Consumer<byte[], byte[]>> readers,
    Function<ConsumerRecord<byte[], byte[]>, byte @Nullable []> eventIds,
    Duration patience,
    int most) {

  /**
   * Result of a search.
   *
   * @param records in the order of their times
   * @param more number of further records
   * @param read how many records were looked at
   */
  record Found(List<ConsumerRecord<byte[], byte[]>> records, int more, long read) {}

  Found find(byte[] id, Map<TopicPartition, Long> from, Map<TopicPartition, Long> to) {
    List<Map<TopicPartition, Long>> shares = shares(from, to);
    ExecutorService threads =
        Executors.newFixedThreadPool(Math.max(1, shares.size()), IdScan::thread);
    LongAdder read = new LongAdder();
    try {
      List<Future<List<ConsumerRecord<byte[], byte[]>>>> parts = new ArrayList<>();
      shares.forEach(share -> parts.add(threads.submit(() -> read(id, from, share, read))));
      List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
      for (Future<List<ConsumerRecord<byte[], byte[]>>> part : parts) {
        all.addAll(part.get());
      }
      all.sort((a, b) -> Long.compare(a.timestamp(), b.timestamp()));
      int kept = Math.min(most, all.size());
      return new Found(all.subList(0, kept), all.size() - kept, read.sum());
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException known ? known : new KafkaException(e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    } finally {
      threads.shutdownNow();
    }
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "explain");
    thread.setDaemon(true);
    return thread;
  }

  /** Shares the ranges out: the longest first, each to the reader that has the least. */
  private static List<Map<TopicPartition, Long>> shares(
      Map<TopicPartition, Long> from, Map<TopicPartition, Long> to) {
    List<TopicPartition> partitions =
        to.keySet().stream()
            .filter(partition -> length(partition, from, to) > 0)
            .sorted((a, b) -> Long.compare(length(b, from, to), length(a, from, to)))
            .toList();
    int readers = Math.min(partitions.size(), Runtime.getRuntime().availableProcessors());
    List<Map<TopicPartition, Long>> shares = new ArrayList<>();
    for (int i = 0; i < readers; i++) {
      shares.add(new HashMap<>());
    }
    long[] loads = new long[readers];
    for (TopicPartition partition : partitions) {
      int least = 0;
      for (int i = 1; i < readers; i++) {
        least = loads[i] < loads[least] ? i : least;
      }
      loads[least] += length(partition, from, to);
      shares.get(least).put(partition, to.get(partition));
    }
    return shares;
  }

  private static long length(
      TopicPartition partition, Map<TopicPartition, Long> from, Map<TopicPartition, Long> to) {
    return requireNonNull(to.get(partition)) - from.getOrDefault(partition, 0L);
  }

  private List<ConsumerRecord<byte[], byte[]>> read(
      byte[] id, Map<TopicPartition, Long> from, Map<TopicPartition, Long> to, LongAdder read) {
    List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
    try (BoundedClose<Consumer<byte[], byte[]>> consumer = BoundedClose.of(readers.get())) {
      new LogReader(consumer.client(), patience, read::add)
          .read(
              from,
              to,
              record -> {
                if (Arrays.equals(id, eventIds.apply(record))) {
                  found.add(record);
                }
                return true;
              });
    }
    return found;
  }
}
