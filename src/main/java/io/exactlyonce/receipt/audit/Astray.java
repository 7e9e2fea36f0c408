package io.exactlyonce.receipt.audit;

import io.exactlyonce.receipt.LogOffsets;
import io.exactlyonce.receipt.audit.report.Finding;
import io.exactlyonce.receipt.audit.report.Findings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;

/**
 * Outputs and dead letters of this group whose source partition is not audited: it does not exist,
 * or belongs to a topic that is not in the audit's scope. Where the group may have read that topic
 * they are listed as not judged, else they are findings.
 */
final class Astray {
  private static final int MAX_KEPT = 1000;

  /** Positions of records that name one source partition: how many, and the first of them. */
  private static final class Places {
    final List<String> kept = new ArrayList<>();
    long count;
  }

  private final ReceiptIndex index;
  private final String group;
  private final LogOffsets offsets;
  private final Findings findings;
  private final Map<String, Map<Long, Places>> byTopic = new TreeMap<>();

  Astray(ReceiptIndex index, String group, LogOffsets offsets, Findings findings) {
    this.index = index;
    this.group = group;
    this.offsets = offsets;
    this.findings = findings;
  }

  /**
   * Notes an output or a dead letter.
   *
   * @param topic its source topic; empty where it names no position
   * @param partition its source partition; below 0 where it names none
   * @param where its own position
   */
  void add(String topic, long partition, String where) {
    Places places =
        byTopic
            .computeIfAbsent(topic, name -> new TreeMap<>())
            .computeIfAbsent(partition, number -> new Places());
    places.count++;
    if (places.kept.size() < MAX_KEPT) {
      places.kept.add(where);
    }
  }

  /** Reports what was noted; to be called after the last output and dead letter. */
  void finish() {
    if (byTopic.isEmpty()) {
      return;
    }
    Set<String> mayBeRead = new HashSet<>(index.strangers());
    offsets
        .get(offsets.admin().listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())
        .keySet()
        .forEach(partition -> mayBeRead.add(partition.topic()));
    Set<TopicPartition> now = new HashSet<>(offsets.partitions(index.topicIds().keySet()));
    byTopic.forEach(
        (topic, places) -> {
          if (index.topicIds().containsKey(topic)) {
            places.forEach((partition, of) -> withoutPartition(topic, partition, of, now));
          } else if (topic.isEmpty()) {
            places.values().forEach(of -> find(of, "names this group, and no source position"));
          } else {
            withoutTopic(topic, places, mayBeRead.contains(topic));
          }
        });
  }

  /**
   * Reports records of a partition that the topic does not have. One that was added during the
   * audit is left out: its receipts come after those judged.
   */
  private void withoutPartition(
      String topic, long partition, Places places, Set<TopicPartition> now) {
    if (!now.contains(new TopicPartition(topic, (int) partition))) {
      find(places, "comes from " + topic + "-" + partition + ", which does not exist");
    }
  }

  private void withoutTopic(String topic, Map<Long, Places> places, boolean mayBeRead) {
    if (mayBeRead || index.mayBeDeleted(Long.MIN_VALUE)) {
      long count = places.values().stream().mapToLong(of -> of.count).sum();
      findings.unjudged(
          topic,
          count
              + " outputs and dead letters come from there, which is not audited"
              + (mayBeRead
                  ? ""
                  : ": the group may have read it before the receipts that are left"));
    } else {
      places
          .values()
          .forEach(of -> find(of, "comes from " + topic + ", which this group has never read"));
    }
  }

  private void find(Places places, String sentence) {
    long rest = places.count - places.kept.size();
    for (int i = 0; i < places.kept.size(); i++) {
      findings.add(Finding.Kind.UNACCOUNTED, places.kept.get(i), i == 0 ? 1 + rest : 1, sentence);
    }
  }
}
