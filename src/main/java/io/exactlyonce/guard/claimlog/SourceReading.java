package io.exactlyonce.guard.claimlog;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.deadletter.RecordPosition;
import io.exactlyonce.deadletter.Replayed;
import io.exactlyonce.guard.MissingClaims;
import io.exactlyonce.guard.Position;
import io.exactlyonce.guard.claimlog.KafkaClaimLogReceipts.Source;
import io.exactlyonce.receipt.LogOffsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/** The stretches of the source topics to read for the window's claims. */
final class SourceReading {
  private final LogOffsets offsets;
  private final Map<Source, SourceClaims> sources;

  /** The sources in the receipts whose topic still exists, with the same id. */
  private final Map<TopicPartition, Map.Entry<Source, SourceClaims>> present = new HashMap<>();

  private final Map<TopicPartition, Long> from = new HashMap<>();
  private final Map<TopicPartition, Long> to = new HashMap<>();

  SourceReading(LogOffsets offsets, Map<Source, SourceClaims> sources) {
    this.offsets = offsets;
    this.sources = sources;
  }

  /** Finds out which topics exist, and where their partitions begin and end. */
  void locate() {
    Map<String, Uuid> ids =
        ids(sources.keySet().stream().map(s -> s.partition().topic()).collect(Collectors.toSet()));
    sources.forEach(
        (source, claims) -> {
          // A recreated topic holds other records at these offsets.
          if (source.topicId().equals(ids.get(source.partition().topic()))) {
            present.put(source.partition(), Map.entry(source, claims));
          } else {
            claims.seal(Long.MAX_VALUE);
          }
        });
    Map<TopicPartition, Long> begins = offsets.earliest(present.keySet());
    Map<TopicPartition, Long> ends = offsets.latest(present.keySet());
    present.forEach(
        (partition, entry) -> {
          SourceClaims claims = entry.getValue();
          long begin = requireNonNull(begins.get(partition));
          claims.seal(begin);
          from.put(partition, Math.max(begin, claims.first()));
          to.put(partition, Math.min(requireNonNull(ends.get(partition)), claims.end()));
        });
  }

  /**
   * Adds what was produced in the window, up to the group's offsets. To be called where receipts of
   * the window were deleted, so that records that no receipt accounts for are met.
   *
   * @param cutoff where the window begins, in ms since the epoch
   */
  void extend(String group, List<String> topics, long cutoff) {
    Map<String, Uuid> ids = ids(Set.copyOf(topics));
    List<TopicPartition> partitions = offsets.partitions(ids.keySet());
    Map<TopicPartition, Long> since = offsets.since(partitions, cutoff);
    offsets
        .committed(group, partitions)
        .forEach(
            (partition, end) -> {
              present.computeIfAbsent(
                  partition,
                  p -> {
                    SourceClaims none = new SourceClaims(p);
                    none.seal(0);
                    Source source = new Source(requireNonNull(ids.get(p.topic())), p);
                    sources.put(source, none);
                    return Map.entry(source, none);
                  });
              from.merge(partition, since.get(partition), Math::min);
              to.merge(partition, end, Math::max);
            });
    Map<TopicPartition, Long> ends = offsets.latest(to.keySet());
    to.replaceAll((partition, end) -> Math.min(end, requireNonNull(ends.get(partition))));
  }

  private Map<String, Uuid> ids(Set<String> topics) {
    Set<String> existing = offsets.get(offsets.admin().listTopics().names());
    Map<String, TopicDescription> described =
        offsets.describe(topics.stream().filter(existing::contains).toList());
    return described.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().topicId()));
  }

  Map<TopicPartition, Long> from() {
    return from;
  }

  Map<TopicPartition, Long> to() {
    return to;
  }

  Map.Entry<Source, SourceClaims> source(ConsumerRecord<byte[], byte[]> record) {
    return requireNonNull(present.get(new TopicPartition(record.topic(), record.partition())));
  }

  /**
   * Position of the record that became the dead letter of a replayed one.
   *
   * @param now position of the replayed record
   */
  byte[] position(Replayed replayed, RecordPosition now) {
    RecordPosition source = replayed.source();
    Uuid id = replayed.topicId();
    if (id.equals(Uuid.ZERO_UUID) && !source.equals(now)) {
      // An earlier version wrote no topic id: the topic that has the name now is assumed, unless
      // the replayed record itself is at that position; then the letter's record was in a former
      // one.
      Map.Entry<Source, SourceClaims> named = present.get(source.partition());
      id = named == null ? id : named.getKey().topicId();
    }
    return Position.encode(id, source.partition().partition(), source.offset());
  }

  /**
   * The claims that the reading did not find.
   *
   * @param millis the present time, in ms since the epoch
   */
  MissingClaims missing(long millis) {
    List<MissingClaims.Part> parts = new ArrayList<>();
    sources.entrySet().stream()
        .sorted(Comparator.comparing(entry -> entry.getKey().partition().toString()))
        .forEach(
            entry -> {
              Source source = entry.getKey();
              boolean isPresent =
                  present.containsKey(source.partition())
                      && present.get(source.partition()).getKey().equals(source);
              String why =
                  isPresent
                      ? SourceClaims.GONE
                      : "their topic, id " + source.topicId() + ", was deleted";
              parts.addAll(entry.getValue().close(why));
            });
    return new MissingClaims(parts, millis);
  }
}
