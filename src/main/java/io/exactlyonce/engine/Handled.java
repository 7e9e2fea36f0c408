package io.exactlyonce.engine;

import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.RecordTooLargeException;

/**
 * What became of one record: written once by the thread that handled it, then read by the worker.
 * It is also the callback of its sends, so that a send that fails names its source.
 */
final class Handled implements Callback {
  /** Which of the receipt's counts the record goes into. */
  enum Kind {
    PROCESSED,
    SKIPPED,
    DUPLICATE,
    DEAD_LETTER
  }

  static final Handled DUPLICATE = new Handled(Kind.DUPLICATE, List.of(), null, null);
  static final Handled SKIPPED = new Handled(Kind.SKIPPED, List.of(), null, null);

  final Kind kind;
  final List<ProducerRecord<byte[], byte[]>> outputs;
  private final ConsumerRecord<byte[], byte[]> source;
  private final Condemned condemned;

  Handled(
      Kind kind,
      List<ProducerRecord<byte[], byte[]>> outputs,
      ConsumerRecord<byte[], byte[]> source,
      Condemned condemned) {
    this.kind = kind;
    this.outputs = outputs;
    this.source = source;
    this.condemned = condemned;
  }

  /** On the producer's thread. The transaction fails by itself; here its culprit is remembered. */
  @Override
  public void onCompletion(RecordMetadata metadata, Exception exception) {
    boolean refused =
        exception instanceof RecordTooLargeException
            || exception instanceof InvalidRecordException
            || exception instanceof InvalidTimestampException;
    if (refused && source != null) {
      String what = exception instanceof RecordTooLargeException ? "too large for" : "refused by";
      condemned.condemn(source, "output " + what + " its topic: " + exception.getMessage());
    }
  }
}
