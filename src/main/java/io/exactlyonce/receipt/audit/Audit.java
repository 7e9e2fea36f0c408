package io.exactlyonce.receipt.audit;

import io.exactlyonce.receipt.BoundedClose;
import io.exactlyonce.receipt.LogOffsets;
import io.exactlyonce.receipt.LogReader;
import io.exactlyonce.receipt.audit.report.AuditReport;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Compares what a pipeline wrote with its receipts. It only reads, and may run beside the pipeline:
 * records whose receipts come after those that it has read are left for the next audit.
 *
 * @param admin closed by the caller
 * @param consumers makes read_committed consumers without a group that reset to earliest; the audit
 *     closes them
 * @param eventIds finds the event id of a source record as the pipeline does; null where it has
 *     none
 * @param patience how long the audit waits for an answer, or for an open transaction to be decided;
 *     more than the pipeline's transaction time-out
 * @param progress takes, on the audit's thread, how many more records were read: receipts, outputs,
 *     dead letters and sources alike
 */
public record Audit(
    Admin admin,
    Supplier<Consumer<byte[], byte[]>> consumers,
    Function<ConsumerRecord<byte[], byte[]>, byte @Nullable []> eventIds,
    Duration patience,
    IntConsumer progress) {

  /** An audit that reports no progress. */
  public Audit(
      Admin admin,
      Supplier<Consumer<byte[], byte[]>> consumers,
      Function<ConsumerRecord<byte[], byte[]>, byte @Nullable []> eventIds,
      Duration patience) {
    this(admin, consumers, eventIds, patience, records -> {});
  }

  /**
   * Runs the audit.
   *
   * @throws org.apache.kafka.common.KafkaException where the audit cannot be made: a topic is
   *     missing, the broker refuses or does not answer
   */
  public AuditReport run(AuditScope scope) {
    LogOffsets offsets = new LogOffsets(admin, patience);
    try (BoundedClose<Consumer<byte[], byte[]>> consumer = BoundedClose.of(consumers.get())) {
      return new AuditRun(
              scope, offsets, new LogReader(consumer.client(), patience, progress), eventIds)
          .run();
    }
  }
}
