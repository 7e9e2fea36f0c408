package io.exactlyonce.engine.transaction;

import io.exactlyonce.engine.inflight.RecordResult;
import io.exactlyonce.engine.inflight.Track;
import io.exactlyonce.engine.inflight.TransactionRefusals;
import io.exactlyonce.receipt.OutputSum;
import io.exactlyonce.receipt.Receipt;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * The open transaction's contents so far, by source partition. The worker fills it as it sends;
 * {@link #seal} makes of it the offsets and the receipt that the committer gets.
 */
final class PendingTransaction {
  /** Growing counterpart of {@link Receipt.Span}. */
  private static final class Part {
    final Track track;
    final long from;
    int processed;
    int skipped;
    final List<Long> duplicates = new ArrayList<>(0);
    final List<Long> deadLetters = new ArrayList<>(0);
    final List<Long> passed = new ArrayList<>(0);
    final List<Long> delayed = new ArrayList<>(0);
    long outputSum;
    long contentSum;

    Part(Track track) {
      this.track = track;
      this.from = track.sent();
    }

    Receipt.Outcomes outcomes() {
      return new Receipt.Outcomes(processed, skipped, duplicates, deadLetters, passed, delayed);
    }

    Receipt.Sums sums() {
      return processed == 0 ? Receipt.Sums.UNKNOWN : new Receipt.Sums(outputSum, contentSum);
    }
  }

  /**
   * A transaction's offsets with the group metadata they belong to, and its receipt.
   *
   * @param group the consumer's own metadata, read on its thread: group-id-only metadata would
   *     fence nobody (KIP-447)
   * @param generation of claims that the records were admitted under
   * @param refusals takes the broker's refusal of the receipt, as it takes those of outputs
   */
  record Sealed(
      Map<TopicPartition, OffsetAndMetadata> offsets,
      ConsumerGroupMetadata group,
      List<Receipt.Span> spans,
      TreeMap<String, Integer> outputs,
      List<Receipt.Decision> decisions,
      String generation,
      TransactionRefusals refusals) {

    List<Uuid> topicIds() {
      return spans.stream().map(Receipt.Span::topicId).toList();
    }

    Receipt receipt(String worker, String transactionalId, long millis) {
      return new Receipt(worker, transactionalId, millis, spans, outputs, decisions, generation);
    }
  }

  private static final int MAX_DIGITS = 20;
  private static final int MAX_SPAN = 290;
  private static final int MAX_DECISION = 1600;

  private final Map<Track, Part> parts = new LinkedHashMap<>();
  private final TreeMap<String, Integer> outputs = new TreeMap<>();
  private @Nullable Track lastTrack;
  private @Nullable Part lastPart;
  private @Nullable String lastTopic;
  private int lastTopicCount;
  private final List<Receipt.Decision> decisions = new ArrayList<>(0);
  private int receiptBytes;
  private int records;
  private long bytes;
  private final TransactionRefusals refusals = new TransactionRefusals();
  private final RecordTimes times = new RecordTimes();
  private final CRC32C crc = new CRC32C();

  boolean isEmpty() {
    return parts.isEmpty();
  }

  boolean holds(Track track) {
    return parts.containsKey(track);
  }

  Set<Track> sources() {
    return parts.keySet();
  }

  int records() {
    return records;
  }

  TransactionRefusals refusals() {
    return refusals;
  }

  long bytes() {
    return bytes;
  }

  /** Timestamps of its records; the caller of {@link #add} adds them. */
  RecordTimes times() {
    return times;
  }

  /** Adds a finished record. To be called before the track's {@code sent} moves past it. */
  void add(Track track, long offset, RecordResult handled) {
    Part part = part(track);
    records++;
    bytes += handled.bytes;
    switch (handled.kind) {
      case PROCESSED -> addProcessed(part, offset, handled);
      case SKIPPED -> part.skipped++;
      case DUPLICATE -> list(part.duplicates, offset);
      case DEAD_LETTER -> list(part.deadLetters, offset);
      case PASSED -> list(part.passed, offset);
      case DELAYED -> list(part.delayed, offset);
      case PARKED ->
          throw new IllegalStateException("not finished: " + track.partition + "@" + offset);
    }
    if (handled.decision != null) {
      decisions.add(handled.decision);
      receiptBytes += MAX_DECISION;
    }
  }

  private void addProcessed(Part part, long offset, RecordResult handled) {
    part.processed++;
    for (ProducerRecord<byte[], byte[]> output : handled.outputs) {
      part.outputSum = OutputSum.add(part.outputSum, offset, output.topic());
      part.contentSum =
          OutputSum.addContent(
              part.contentSum, offset, output.topic(), crc, output.key(), output.value());
    }
  }

  private void list(List<Long> offsets, long offset) {
    offsets.add(offset);
    receiptBytes += MAX_DIGITS;
  }

  /** An upper bound in bytes of the receipt's spans, offsets, counts and decisions, as JSON. */
  int receiptBytes() {
    return receiptBytes;
  }

  void addOutput(String topic) {
    if (topic.equals(lastTopic)) {
      lastTopicCount++;
      return;
    }
    foldTopic();
    lastTopic = topic;
    lastTopicCount = 1;
  }

  /**
   * Moves the track past the control records at the end of what it has read, where nothing is in
   * flight. A track with a notice for the receipt joins the transaction without any record.
   */
  void maybeSkipMarkers(Track track) {
    if (track.hasUnsentMarkers()) {
      part(track);
      track.sentTo(track.prefixEnd());
    }
  }

  /**
   * @param generation of claims that was adopted; empty without a guard
   */
  Sealed seal(ConsumerGroupMetadata group, String generation) {
    foldTopic();
    Map<TopicPartition, OffsetAndMetadata> offsets = new LinkedHashMap<>();
    List<Receipt.Span> spans = new ArrayList<>(parts.size());
    for (Part part : parts.values()) {
      Track track = part.track;
      offsets.put(track.partition, track.offset(track.sent()));
      if (track.notice() != null) {
        decisions.add(track.notice());
      }
      spans.add(
          new Receipt.Span(
              track.partition.topic(),
              track.topicId(),
              track.partition.partition(),
              part.from,
              track.sent(),
              part.outcomes(),
              part.sums()));
    }
    return new Sealed(offsets, group, spans, outputs, decisions, generation, refusals);
  }

  private Part part(Track track) {
    Part part = lastPart;
    if (part == null || track != lastTrack) {
      part = parts.computeIfAbsent(track, this::newPart);
      lastTrack = track;
      lastPart = part;
    }
    return part;
  }

  private Part newPart(Track track) {
    receiptBytes += MAX_SPAN + track.partition.topic().length();
    receiptBytes += track.notice() == null ? 0 : MAX_DECISION;
    return new Part(track);
  }

  private void foldTopic() {
    if (lastTopic != null && lastTopicCount > 0) {
      if (!outputs.containsKey(lastTopic)) {
        receiptBytes += MAX_DIGITS + lastTopic.length();
      }
      outputs.merge(lastTopic, lastTopicCount, Integer::sum);
      lastTopicCount = 0;
      lastTopic = null;
    }
  }
}
