package io.exactlyonce.explain;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.receipt.BoundedClose;
import io.exactlyonce.receipt.LogReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
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
 * Searches ranges of the sources for the records of one event id, for which Kafka has no index. As
 * many readers as there are processors each read an equal part of the offsets.
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

  /** The part of one reader: the first offset of each partition, and one past the last. */
  private record Share(Map<TopicPartition, Long> from, Map<TopicPartition, Long> to) {}

  Found find(byte[] id, Map<TopicPartition, Long> from, Map<TopicPartition, Long> to) {
    List<Share> shares = shares(from, to);
    ExecutorService threads =
        Executors.newFixedThreadPool(Math.max(1, shares.size()), IdScan::thread);
    LongAdder read = new LongAdder();
    try {
      List<Future<List<ConsumerRecord<byte[], byte[]>>>> parts = new ArrayList<>();
      shares.forEach(share -> parts.add(threads.submit(() -> read(id, share, read))));
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

  /** Cuts the offsets of all partitions, taken in a row, into parts of equal length. */
  private static List<Share> shares(Map<TopicPartition, Long> from, Map<TopicPartition, Long> to) {
    long left = to.keySet().stream().mapToLong(partition -> length(partition, from, to)).sum();
    int readers = (int) Math.min(left, Runtime.getRuntime().availableProcessors());
    List<Share> shares = new ArrayList<>();
    Iterator<TopicPartition> partitions = to.keySet().iterator();
    TopicPartition partition = null;
    long next = 0;
    for (int i = 0; i < readers; i++) {
      Share share = new Share(new HashMap<>(), new HashMap<>());
      long room = left / (readers - i);
      left -= room;
      while (room > 0) {
        if (partition == null) {
          partition = partitions.next();
          next = from.getOrDefault(partition, 0L);
        }
        long end = requireNonNull(to.get(partition));
        long part = Math.max(0, Math.min(room, end - next));
        if (part > 0) {
          share.from.put(partition, next);
          share.to.put(partition, next + part);
        }
        room -= part;
        next += part;
        partition = next < end ? partition : null;
      }
      shares.add(share);
    }
    return shares;
  }

  private static long length(
      TopicPartition partition, Map<TopicPartition, Long> from, Map<TopicPartition, Long> to) {
    return Math.max(0, requireNonNull(to.get(partition)) - from.getOrDefault(partition, 0L));
  }

  private List<ConsumerRecord<byte[], byte[]>> read(byte[] id, Share share, LongAdder read) {
    List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
    try (BoundedClose<Consumer<byte[], byte[]>> consumer = BoundedClose.of(readers.get())) {
      new LogReader(consumer.client(), patience)
          .read(
              share.from,
              share.to,
              record -> {
                read.increment();
                if (Arrays.equals(id, eventIds.apply(record))) {
                  found.add(record);
                }
                return true;
              });
    }
    return found;
  }
}
