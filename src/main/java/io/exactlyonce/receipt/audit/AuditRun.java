package io.exactlyonce.receipt.audit;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.receipt.LogOffsets;
import io.exactlyonce.receipt.LogReader;
import io.exactlyonce.receipt.audit.report.AuditReport;
import io.exactlyonce.receipt.audit.report.Findings;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;

/**
 * One run of an audit: reads the receipts first, then the sources, then outputs and dead letters.
 */
final class AuditRun {
  private final AuditScope scope;
  private final LogOffsets offsets;
  private final LogReader reader;
  private final Function<ConsumerRecord<byte[], byte[]>, byte[]> eventIds;
  private final Findings findings = new Findings();
  private final ReceiptsReading reading;
  private final ReceiptIndex index;
  private final Set<String> compacted = new HashSet<>();

  AuditRun(
      AuditScope scope,
      LogOffsets offsets,
      LogReader reader,
      Function<ConsumerRecord<byte[], byte[]>, byte[]> eventIds) {
    this.scope = scope;
    this.offsets = offsets;
    this.reader = reader;
    this.eventIds = eventIds;
    this.reading = new ReceiptsReading(scope, offsets, reader);
    Map<String, Uuid> ids = new HashMap<>();
    offsets
        .describe(scope.sources())
        .forEach((topic, description) -> ids.put(topic, description.topicId()));
    this.index =
        new ReceiptIndex(
            scope.receipts(),
            ids,
            offsets.partitions(scope.sources()),
            reading.cut(),
            scope.window(),
            findings);
  }

  AuditReport run() {
    long began = System.nanoTime();
    CommittedOffsets before = committed();
    Map<TopicPartition, Long> begins = offsets.earliest(index.partitions());
    Map<TopicPartition, Long> ends = offsets.latestStable(index.partitions());
    reading.fill(index, begins, before.offsets());
    CommittedOffsets after = committed();
    ChainCheck.runAll(index, findings, begins, before.offsets(), after.offsets());
    new Untaken(index, offsets, reader, findings).list(begins, ends, after.offsets());
    index.generations().finish();
    boolean isWhole = explain(before);
    boolean hasLetters =
        offsets.get(offsets.admin().listTopics().names()).contains(scope.deadLetters());
    findCompacted(hasLetters);

    SourceRecords records = new SourceRecords(index);
    SourceCheck source =
        new SourceCheck(index, offsets, reader, eventIds, records, scope.mayRepeat(), findings);
    source.run(compacted, scope.window());
    Beyond beyond = new Beyond(index, scope, offsets, findings);
    long[] sums = new long[3];
    Astray astray = new Astray(index, scope.group(), offsets, findings);
    readSinks(records, beyond, astray, isWhole, sums);
    Trim trim = hasLetters ? trim(scope.deadLetters()) : new Trim(Set.of(), 0);
    DeadLetterCheck letters = new DeadLetterCheck(scope, index, beyond, astray, trim, findings);
    if (hasLetters) {
      read(scope.deadLetters(), letters);
    }
    letters.finish(compacted.contains(scope.deadLetters()));
    beyond.finish();
    astray.finish();
    AuditReport.Counts counts =
        new AuditReport.Counts(
            index.receipts(),
            source.records(),
            source.duplicates(),
            letters.judged(),
            sums[0],
            sums[1] + letters.later(),
            sums[2] + letters.foreign());
    return new AuditReport(
        findings.kept(),
        findings.records(),
        findings.notes(),
        findings.unjudged(),
        counts,
        Duration.ofNanos(System.nanoTime() - began));
  }

  private CommittedOffsets committed() {
    return CommittedOffsets.read(offsets, scope.group(), index.partitions(), index.topicIds());
  }

  /**
   * Lists what receipts and offsets name and the audit does not cover.
   *
   * @return whether all sinks are audited in which receipts count outputs
   */
  private boolean explain(CommittedOffsets committed) {
    committed
        .earlier()
        .forEach(
            (partition, offset) ->
                findings.note(
                    "the group's offset "
                        + offset
                        + " of "
                        + partition
                        + " is of a deleted topic of that name; the group has committed nothing of"
                        + " the present one"));
    index
        .madeAnew()
        .forEach(
            (topic, spans) ->
                findings.unjudged(
                    topic, spans + " receipts are of an earlier topic, which was deleted"));
    if (!index.strangers().isEmpty()) {
      findings.unjudged(
          String.join(",", index.strangers()),
          "receipts name these sources, which are not audited");
    }
    Set<String> others = new TreeSet<>(index.sinks());
    others.removeAll(scope.sinks());
    others.remove(scope.deadLetters());
    Set<String> delays = new TreeSet<>(others);
    delays.retainAll(scope.sources());
    others.removeAll(delays);
    if (!delays.isEmpty()) {
      findings.unjudged(
          String.join(",", delays),
          "the number of records sent to these retry topics was not compared with the receipts;"
              + " their outcomes were");
    }
    if (!others.isEmpty()) {
      findings.unjudged(
          String.join(",", others),
          "receipts count outputs in these topics, which are not audited");
    }
    return others.isEmpty();
  }

  private void findCompacted(boolean hasLetters) {
    offsets.describe(scope.sinks()); // throws where one does not exist
    Set<ConfigResource> asked = new HashSet<>();
    Set<String> topics = new TreeSet<>(scope.sources());
    topics.addAll(scope.sinks());
    if (hasLetters) {
      topics.add(scope.deadLetters());
    }
    topics.forEach(topic -> asked.add(new ConfigResource(ConfigResource.Type.TOPIC, topic)));
    Map<ConfigResource, Config> configs = offsets.get(offsets.admin().describeConfigs(asked).all());
    configs.forEach(
        (topic, config) -> {
          if (config.get(TopicConfig.CLEANUP_POLICY_CONFIG).value().contains("compact")) {
            compacted.add(topic.name());
            findings.unjudged(
                topic.name(),
                "is compacted: missing records may have been replaced by later ones of their keys");
          }
        });
  }

  private void readSinks(
      SourceRecords records, Beyond beyond, Astray astray, boolean isWhole, long[] sums) {
    if (scope.sinks().isEmpty()) {
      return;
    }
    String sinks = String.join(",", scope.sinks());
    if (!scope.headers().hasSourcePosition()) {
      findings.unjudged(sinks, "outputs carry no source position: nothing ties them to receipts");
      return;
    }
    if (!scope.headers().hasEventId()) {
      findings.unjudged(
          sinks, "outputs carry no event id: a duplicate output is found by the counts alone");
    }
    BitSet wrong = new BitSet();
    for (String sink : scope.sinks()) {
      OutputCounts found = new OutputCounts(sink, index, trim(sink), findings);
      OutputCheck check = new OutputCheck(scope, index, records, beyond, astray, found, findings);
      read(sink, check);
      check.finish(compacted.contains(sink), wrong);
      sums[0] += check.judged();
      sums[1] += check.later();
      sums[2] += check.foreign();
    }
    if (isWhole && scope.sinks().stream().noneMatch(compacted::contains)) {
      new RecordCheck(index, records, scope.headers().hasEventId(), findings).run(wrong);
    }
  }

  private Trim trim(String topic) {
    List<TopicPartition> partitions = offsets.partitions(List.of(topic));
    Map<TopicPartition, Long> cut = new HashMap<>(offsets.earliest(partitions));
    Map<TopicPartition, Long> from = from(partitions);
    cut.entrySet()
        .removeIf(e -> e.getValue() == 0 || requireNonNull(from.get(e.getKey())) > e.getValue());
    return new Trim(cut.keySet(), index.partitions().size());
  }

  private Map<TopicPartition, Long> from(List<TopicPartition> partitions) {
    return scope.since() instanceof Since.At at
        ? offsets.since(partitions, at.instant().minus(Trim.READ).toEpochMilli())
        : offsets.earliest(partitions);
  }

  /**
   * Reads a topic up to its high watermarks of now. The receipts were read before, so all outputs
   * that they count are below.
   */
  private void read(String topic, LogReader.Visitor check) {
    List<TopicPartition> partitions = offsets.partitions(List.of(topic));
    reader.read(from(partitions), offsets.latest(partitions), check);
  }
}
