package io.exactlyonce.engine.handling;

import io.exactlyonce.config.value.Ordering;
import io.exactlyonce.engine.inflight.PolledRecords;
import io.exactlyonce.engine.inflight.Track;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Spreads records over lanes, by the ordering that the pipeline asks for. Lanes outlive a rewind: a
 * record that is handled again waits behind a handler call that still runs for it.
 *
 * <p>The worker's thread alone calls it, so it alone adds to lanes: a lane that is idle stays idle
 * until the next call, and can be removed.
 */
public final class Lanes {
  /**
   * Key of a lane: a record key within its partition, since there is no order across partitions.
   */
  private record Key(TopicPartition partition, ByteBuffer bytes) {}

  private static final int FIRST_SWEEP = 4096;

  private final Ordering ordering;
  private final Supplier<Lane> factory;
  private final int batch;
  private final Consumer<PolledRecords> before;
  private final Map<TopicPartition, Lane> byPartition = new HashMap<>();

  /** A lane for each key, not for its hash: a slow record holds back its own key only. */
  private final Map<Key, Lane> byKey = new HashMap<>();

  private int sweepAt = FIRST_SWEEP;

  Lanes(Ordering ordering, Supplier<Lane> factory) {
    this(ordering, factory, 1, polled -> {});
  }

  /**
   * @param batch records in a row that stay together; 1 for handlers of single events
   * @param before called with the records of each poll, before a lane has any of them
   */
  public Lanes(
      Ordering ordering, Supplier<Lane> factory, int batch, Consumer<PolledRecords> before) {
    this.batch = batch;
    this.before = before;
    this.ordering = ordering;
    this.factory = factory;
  }

  public void dispatch(Track track, PolledRecords polled) {
    before.accept(polled);
    if (batch > 1) {
      polled.batches(batch);
    }
    if (ordering == Ordering.PARTITION) {
      byPartition
          .computeIfAbsent(track.partition, partition -> factory.get())
          .add(new Lane.Work(polled, 0, polled.size()));
      return;
    }
    for (int i = 0; i < polled.size(); i += batch) {
      int end = Math.min(i + batch, polled.size());
      lane(track, polled.record(i)).add(new Lane.Work(polled, i, end));
    }
    maybeSweep();
  }

  /** The lane for a record; a lane of its own where no order applies, as without a key. */
  private Lane lane(Track track, ConsumerRecord<byte[], byte[]> record) {
    if (ordering == Ordering.NONE || record.key() == null) {
      return factory.get();
    }
    return byKey.computeIfAbsent(
        new Key(track.partition, ByteBuffer.wrap(record.key())), key -> factory.get());
  }

  /**
   * Removes idle lanes once there are twice as many as were left the last time. Those in use are
   * bounded by the records in flight.
   */
  private void maybeSweep() {
    if (byKey.size() >= sweepAt) {
      byKey.values().removeIf(Lane::isIdle);
      sweepAt = Math.max(FIRST_SWEEP, 2 * byKey.size());
    }
  }

  int size() {
    return byPartition.size() + byKey.size();
  }
}
