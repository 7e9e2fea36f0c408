package io.exactlyonce.bench.peers;

import java.nio.ByteBuffer;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.WindowStore;
import org.apache.kafka.streams.state.WindowStoreIterator;

/**
 * The recipe that is copied most: a window store of event ids, looked back into for the window. It
 * does not prolong the window of an id that comes again, which would be a second write.
 */
final class WindowGuard extends ContextualProcessor<byte[], byte[], byte[], byte[]> {
  private WindowStore<byte[], byte[]> seen;

  @Override
  public void init(ProcessorContext<byte[], byte[]> context) {
    super.init(context);
    seen = context.getStateStore(GuardedStreams.STORE);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    byte[] id = GuardedStreams.id(record);
    long now = record.timestamp();
    boolean isNew;
    try (WindowStoreIterator<byte[]> before =
        seen.fetch(id, now - GuardedStreams.WINDOW.toMillis(), now)) {
      isNew = !before.hasNext();
    }
    if (isNew) {
      long offset = context().recordMetadata().orElseThrow().offset();
      seen.put(id, ByteBuffer.allocate(Long.BYTES).putLong(offset).array(), now);
      context().forward(record);
    }
  }
}
