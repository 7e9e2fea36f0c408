package io.exactlyonce.receipt;

import io.exactlyonce.receipt.AuditReport.Counts;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * Holds what a pipeline wrote against its receipts. It reads only, beside a pipeline that may be
 * running: what belongs to receipts after its cut is left for the next audit.
 *
 * @param admin the caller's to close
 * @param consumers makes read_committed consumers without a group that reset to earliest; the audit
 *     closes them
 * @param eventIds finds the event id of a source record as the pipeline does; null where it has
 *     none
 * @param patience how long the audit waits for an answer, or for an open transaction to be decided;
 *     more than the pipeline's transaction time-out
 * @param progress is told, on the audit's thread, how many more records were read: receipts,
 *     outputs, dead letters and sources alike
 */
public record Audit(
    Admin admin,
    Supplier<Consumer<byte[], byte[]>> consumers,
    Function<ConsumerRecord<byte[], byte[]>, byte[]> eventIds,
    Duration patience,
    IntConsumer progress) {

  /** An output is sent before its receipt, by less than this. */
  private static final Duration OUTPUT_LEAD = Duration.ofMinutes(10);

  /** Nobody looks on. */
  public Audit(
      Admin admin,
      Supplier<Consumer<byte[], byte[]>> consumers,
      Function<ConsumerRecord<byte[], byte[]>, byte[]> eventIds,
      Duration patience) {
    this(admin, consumers, eventIds, patience, records -> {});
  }

  /**
   * @throws org.apache.kafka.common.KafkaException where the audit cannot be made: a topic is
   *     missing, the broker refuses or does not answer
   */
  public AuditReport run(AuditScope scope) {
    long began = System.nanoTime();
    Findings findings = new Findings();
    LogOffsets offsets = new LogOffsets(admin, patience);
    try (Consumer<byte[], byte[]> consumer = consumers.get()) {
      LogReader reader = new LogReader(consumer, patience, progress);
      Ledger ledger = ledger(scope, offsets, findings);
      Map<TopicPartition, Long> before = offsets.committed(scope.group(), ledger.partitions());
      new ReceiptsReading(scope, offsets, reader).fill(ledger, before);
      new ChainCheck(ledger, findings)
          .run(before, offsets.committed(scope.group(), ledger.partitions()));
      explain(scope, ledger, before, findings);
      long[] sums = new long[3];
      for (String sink : judgedSinks(scope, findings)) {
        OutputCheck check =
            new OutputCheck(sink, scope.mayRepeat(), scope.headers(), ledger, findings);
        check.finish(read(sink, scope.since(), offsets, reader, check, findings));
        sums[0] += check.judged();
        sums[1] += check.later();
        sums[2] += check.foreign();
      }
      DeadLetterCheck letters = new DeadLetterCheck(ledger, findings);
      letters.finish(readLetters(scope, offsets, reader, letters, findings));
      SourceCheck source = new SourceCheck(ledger, offsets, reader, eventIds, findings);
      source.run();
      Counts counts =
          new Counts(
              ledger.judgedReceipts(),
              source.records(),
              source.duplicates(),
              letters.judged(),
              sums[0],
              sums[1] + letters.later(),
              sums[2] + letters.foreign());
      Duration took = Duration.ofNanos(System.nanoTime() - began);
      return new AuditReport(findings.kept(), findings.records(), findings.notes(), counts, took);
    }
  }

  private static Ledger ledger(AuditScope scope, LogOffsets offsets, Findings findings) {
    Map<String, TopicDescription> sources = offsets.describe(scope.sources());
    Map<String, Uuid> ids = new HashMap<>();
    sources.forEach((topic, description) -> ids.put(topic, description.topicId()));
    return new Ledger(scope.receipts(), ids, offsets.partitions(scope.sources()), findings);
  }

  private static void explain(
      AuditScope scope, Ledger ledger, Map<TopicPartition, Long> committed, Findings findings) {
    // An audit of nothing is not clean: most likely a name is wrong.
    if (ledger.receipts() == 0 && scope.since().equals(Since.oldest())) {
      committed.forEach(
          (partition, offset) ->
              findings.add(
                  Finding.Kind.UNACCOUNTED,
                  partition + "@" + offset,
                  offset,
                  "the group stands here, and " + scope.receipts() + " holds no receipt at all"));
    }
    if (!ledger.strangers().isEmpty()) {
      findings.note("receipts name sources that were not audited: " + ledger.strangers());
    }
    Collection<String> others = new TreeSet<>(ledger.sinks());
    others.removeAll(scope.sinks());
    others.remove(scope.deadLetters());
    if (!others.isEmpty()) {
      findings.note("receipts count outputs in topics that were not audited: " + others);
    }
  }

  /** Without its source's position nothing ties an output to a receipt; then that is said. */
  private static List<String> judgedSinks(AuditScope scope, Findings findings) {
    if (scope.sinks().isEmpty()) {
      return List.of();
    }
    if (!scope.headers().hasSourcePosition()) {
      findings.note(
          "outputs carry no source position: nothing in " + scope.sinks() + " was judged");
      return List.of();
    }
    if (!scope.headers().hasEventId()) {
      findings.note(
          "outputs carry no event id: they were judged by counts and order, not one by one");
    }
    return scope.sinks();
  }

  private long readLetters(
      AuditScope scope,
      LogOffsets offsets,
      LogReader reader,
      DeadLetterCheck letters,
      Findings findings) {
    return offsets.get(admin.listTopics().names()).contains(scope.deadLetters())
        ? read(scope.deadLetters(), scope.since(), offsets, reader, letters, findings)
        : Long.MIN_VALUE;
  }

  /**
   * Reads a topic up to now, which is after the cut: all that its receipts count is there by then.
   *
   * @return receipts before this time, in ms since the epoch, may count what retention has deleted
   */
  private static long read(
      String topic,
      Since since,
      LogOffsets offsets,
      LogReader reader,
      LogReader.Visitor check,
      Findings findings) {
    List<TopicPartition> partitions = offsets.partitions(List.of(topic));
    Map<TopicPartition, Long> earliest = offsets.earliest(partitions);
    Map<TopicPartition, Long> from =
        since instanceof Since.At at
            ? offsets.since(partitions, at.instant().minus(OUTPUT_LEAD).toEpochMilli())
            : earliest;
    Map<TopicPartition, Long> trimmed = new HashMap<>(earliest);
    trimmed.entrySet().removeIf(e -> e.getValue() == 0 || from.get(e.getKey()) > e.getValue());
    long[] horizon = {Long.MIN_VALUE};
    if (!trimmed.isEmpty()) {
      findings.note(topic + " was cut by its retention: older receipts' counts are not judged");
    }
    reader.read(
        from,
        offsets.latest(partitions),
        record -> {
          if (!trimmed.isEmpty()
              && trimmed.remove(new TopicPartition(topic, record.partition())) != null) {
            horizon[0] = Math.max(horizon[0], record.timestamp() + OUTPUT_LEAD.toMillis());
          }
          return check.visit(record);
        });
    // Of a partition that is empty by now nobody knows how much was deleted.
    return trimmed.isEmpty() ? horizon[0] : Long.MAX_VALUE;
  }
}
