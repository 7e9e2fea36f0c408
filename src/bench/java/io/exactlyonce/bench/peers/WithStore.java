package io.exactlyonce.bench.peers;

import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;

/** A processor that brings its store. */
record WithStore(
    Supplier<Processor<byte[], byte[], byte[], byte[]>> processors, StoreBuilder<?> store)
    implements ProcessorSupplier<byte[], byte[], byte[], byte[]> {

  static WithStore of(
      Supplier<Processor<byte[], byte[], byte[], byte[]>> processors, StoreBuilder<?> store) {
    return new WithStore(processors, store);
  }

  @Override
  public Processor<byte[], byte[], byte[], byte[]> get() {
    return processors.get();
  }

  @Override
  public Set<StoreBuilder<?>> stores() {
    return Set.of(store);
  }
}
