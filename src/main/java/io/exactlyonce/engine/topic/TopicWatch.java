package io.exactlyonce.engine.topic;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.TopicDescription;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Describes a pipeline's topics every few seconds, so that a topic that is deleted, made anew or
 * given more partitions is noticed even if no record of it comes. Workers find the changes in the
 * {@link TopicIds} that they share with it. One thread calls {@link #maybeLook}.
 */
public final class TopicWatch {
  private static final Logger LOG = LoggerFactory.getLogger(TopicWatch.class);
  private static final long BETWEEN_LOOKS_NANOS = 3_000_000_000L;

  private final String pipeline;
  private final TopicIds topicIds;
  private final Set<String> topics = new HashSet<>();
  private final Set<String> read;
  private final String receipts;
  private final Map<String, TopicDescription> seen = new HashMap<>();
  private final Set<String> missing = new HashSet<>();
  private final Set<String> lasting = new TreeSet<>();
  private volatile List<String> warnings = List.of();
  private @Nullable CompletableFuture<Map<String, TopicDescription>> look;
  private long nextAt;

  /**
   * @param read topics that the pipeline subscribes to
   * @param written topics of outputs and dead letters
   */
  public TopicWatch(
      String pipeline,
      TopicIds topicIds,
      List<String> read,
      List<String> written,
      String receipts,
      long now) {
    this.pipeline = pipeline;
    this.topicIds = topicIds;
    this.read = Set.copyOf(read);
    this.receipts = receipts;
    topics.addAll(read);
    topics.addAll(written);
    topics.add(receipts);
    this.nextAt = now;
  }

  /** Takes the last answer in, and asks again when it is time. Never waits. */
  public void maybeLook(long now) {
    if (look != null && look.isDone()) {
      if (!look.isCompletedExceptionally()) { // an outage shows elsewhere
        note(look.join());
      }
      look = null;
      nextAt = now + BETWEEN_LOOKS_NANOS;
    } else if (look == null && now - nextAt >= 0) {
      look = topicIds.describe(topics);
    }
  }

  private void note(Map<String, TopicDescription> found) {
    for (String topic : topics) {
      TopicDescription now = found.get(topic);
      TopicDescription before = seen.get(topic);
      if (now == null) {
        if (before != null && missing.add(topic)) {
          LOG.warn("{}: topic {} does not exist any more", pipeline, topic);
        }
        continue;
      }
      missing.remove(topic);
      seen.put(topic, now);
      if (before != null) {
        compare(topic, before, now);
      }
    }
    List<String> all = new ArrayList<>(lasting);
    missing.forEach(
        topic ->
            all.add(
                "topic "
                    + topic
                    + " does not exist any more; it is used again once it is created"));
    warnings = List.copyOf(all);
  }

  private void compare(String topic, TopicDescription before, TopicDescription now) {
    if (!now.topicId().equals(before.topicId())) {
      // The worker that reads the topic logs where it goes on.
      if (topic.equals(receipts)) {
        String text =
            "topic "
                + topic
                + " was made anew: the receipts until now are gone, so the audit cannot judge what"
                + " was processed before, and claims and group offsets cannot be rebuilt from them";
        LOG.error("{}: {}", pipeline, text);
        lasting.add(text);
      } else if (!read.contains(topic)) {
        LOG.warn(
            "{}: topic {} was made anew: its id is {}, before it {}; its partitions are {}, before {};"
                + " records written to the old topic are gone, and outputs go to the new one",
            pipeline,
            topic,
            now.topicId(),
            before.topicId(),
            now.partitions().size(),
            before.partitions().size());
      }
    } else if (now.partitions().size() != before.partitions().size()) {
      LOG.info(
          "{}: topic {} has {} partitions, before {}",
          pipeline,
          topic,
          now.partitions().size(),
          before.partitions().size());
    }
  }

  /** Warnings of topics that do not exist, and of lost receipts until this process ends. */
  public List<String> warnings() {
    return warnings;
  }
}
