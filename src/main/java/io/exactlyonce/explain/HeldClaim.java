package io.exactlyonce.explain;

import io.exactlyonce.deadletter.RecordPosition;
import io.exactlyonce.guard.ClaimHolder;
import io.exactlyonce.guard.GuardUnavailableException;
import io.exactlyonce.guard.TopicTag;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The claim on one event id, looked up in the guard's store.
 *
 * @param position the holder's, where it is in one of the sources; else null. A hint where to look
 *     in the log
 * @param told the claim in words, for the answer
 */
record HeldClaim(@Nullable RecordPosition position, String told) {
  static HeldClaim ask(Explain.Claims claims, byte[] id, Log log, Set<String> topics) {
    try {
      Optional<byte[]> held = claims.find(id);
      if (held.isEmpty()) {
        return new HeldClaim(null, "none is held on " + new String(id, StandardCharsets.UTF_8));
      }
      ClaimHolder holder = ClaimHolder.parse(held.get());
      RecordPosition position = holder == null ? null : position(holder, log, topics);
      return new HeldClaim(
          position, "held by " + (position == null ? "a record of another topic" : position));
    } catch (GuardUnavailableException e) {
      return new HeldClaim(null, "not known: " + e.getMessage());
    }
  }

  private static @Nullable RecordPosition position(
      ClaimHolder holder, Log log, Set<String> topics) {
    return topics.stream()
        .filter(topic -> TopicTag.of(log.topicId(topic)).equals(holder.topic()))
        .map(topic -> new TopicPartition(topic, holder.partition()))
        .filter(partition -> log.partitions(partition.topic()).contains(partition))
        .map(partition -> new RecordPosition(partition, holder.offset()))
        .findFirst()
        .orElse(null);
  }

  /** The same with a remark that the sources were not searched. */
  HeldClaim alone() {
    return new HeldClaim(
        position, told + "; to search for other records with this id too, give a time (since)");
  }
}
