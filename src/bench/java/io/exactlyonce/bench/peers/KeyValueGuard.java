package io.exactlyonce.bench.peers;

import java.nio.ByteBuffer;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/** The event id to the time stamp and the offset of the record that had it first. */
final class KeyValueGuard extends ContextualProcessor<byte[], byte[], byte[], byte[]> {
  private KeyValueStore<byte[], byte[]> seen;

  @Override
  public void init(ProcessorContext<byte[], byte[]> context) {
    super.init(context);
    seen = context.getStateStore(GuardedStreams.STORE);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    byte[] id = GuardedStreams.id(record);
    long offset = context().recordMetadata().orElseThrow().offset();
    byte[] before = seen.get(id);
    if (before == null || isOlderThanWindow(before, record.timestamp())) {
      seen.put(id, ByteBuffer.allocate(16).putLong(record.timestamp()).putLong(offset).array());
      context().forward(record);
    } else if (ByteBuffer.wrap(before).getLong(Long.BYTES) == offset) {
      context().forward(record);
    }
  }

  private static boolean isOlderThanWindow(byte[] before, long now) {
    return ByteBuffer.wrap(before).getLong() < now - GuardedStreams.WINDOW.toMillis();
  }
}
