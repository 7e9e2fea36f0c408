package io.exactlyonce.engine.transaction;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.engine.failure.Phase;
import io.exactlyonce.engine.failure.TransactionFailure;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** A producer without transactions whose flush fails where any record failed. */
public final class PlainProducer {
  private final Supplier<Producer<byte[], byte[]>> factory;
  private final AtomicReference<Exception> failure = new AtomicReference<>();
  private @Nullable Producer<byte[], byte[]> producer;

  public PlainProducer(Supplier<Producer<byte[], byte[]>> factory) {
    this.factory = factory;
  }

  /** Makes the producer anew. Records of the old one are read and sent again, or given up. */
  void recover() {
    close();
    failure.set(null);
    try {
      producer = factory.get();
    } catch (RuntimeException e) {
      throw TransactionFailure.of(Phase.INIT, e);
    }
  }

  void send(ProducerRecord<byte[], byte[]> record, @Nullable Callback callback) {
    try {
      Sends.send(
          requireNonNull(producer),
          record,
          (metadata, exception) -> {
            if (exception != null) {
              failure.compareAndSet(null, exception);
            }
            if (callback != null) {
              callback.onCompletion(metadata, exception);
            }
          },
          callback);
    } catch (RuntimeException e) {
      throw TransactionFailure.of(Phase.SEND, e);
    }
  }

  void flush() {
    requireNonNull(producer).flush();
    Exception first = failure.get();
    if (first != null) {
      throw TransactionFailure.of(Phase.SEND, first);
    }
  }

  void close() {
    if (producer != null) {
      producer.close(Duration.ZERO);
      producer = null;
    }
  }
}
