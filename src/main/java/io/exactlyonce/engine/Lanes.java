package io.exactlyonce.engine;

import io.exactlyonce.config.Ordering;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Spreads admitted records over lanes, by the ordering that the pipeline asks for. Lanes outlive a
 * rewind: what is handled again waits behind a handler call that still runs for the same record.
 */
final class Lanes {
  private final Ordering ordering;
  private final Supplier<Lane> factory;
  private final Map<TopicPartition, Lane> byPartition = new HashMap<>();
  private final Lane[] byKey;

  /**
   * @param concurrency handler threads; there are many more lanes than threads, so that keys seldom
   *     wait for one another
   */
  Lanes(Ordering ordering, int concurrency, Supplier<Lane> factory) {
    this.ordering = ordering;
    this.factory = factory;
    this.byKey = new Lane[Integer.highestOneBit(concurrency) * 32];
    Arrays.setAll(byKey, i -> factory.get());
  }

  void dispatch(Track track, Chunk chunk) {
    switch (ordering) {
      case PARTITION ->
          byPartition
              .computeIfAbsent(track.partition, partition -> factory.get())
              .add(new Lane.Work(chunk, 0, chunk.size()));
      case KEY -> {
        for (int i = 0; i < chunk.size(); i++) {
          byKey[slot(track, chunk.records.get(i))].add(new Lane.Work(chunk, i, i + 1));
        }
      }
      case NONE -> {
        for (int i = 0; i < chunk.size(); i++) {
          factory.get().add(new Lane.Work(chunk, i, i + 1));
        }
      }
    }
  }

  /** The partition counts too: equal keys of two topics need not wait for each other. */
  private int slot(Track track, ConsumerRecord<byte[], byte[]> record) {
    int hash = Arrays.hashCode(record.key()) * 31 + track.partition.hashCode();
    hash *= 0x9E3779B9;
    return (hash >>> 16 ^ hash) & byKey.length - 1;
  }
}
