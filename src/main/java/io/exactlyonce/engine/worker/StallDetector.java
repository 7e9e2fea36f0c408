package io.exactlyonce.engine.worker;

import io.exactlyonce.engine.inflight.Track;
import io.exactlyonce.engine.inflight.Tracks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports records at which a worker makes no progress, whatever the reason: a handler that hangs, a
 * retry without end, a claim without an answer. The worker's thread alone calls it.
 */
final class StallDetector {
  /** The first unsent offset of a partition, and since when it is that. */
  private record Stand(long offset, long since, boolean reported) {}

  private static final Logger LOG = LoggerFactory.getLogger(StallDetector.class);
  private static final long MAX_BETWEEN_LOOKS = Duration.ofSeconds(1).toNanos();

  private final String worker;
  private final Duration after;
  private final long betweenLooks;
  private final Map<TopicPartition, Stand> stands = new HashMap<>();
  private long lookAt;
  private String trouble = "";

  StallDetector(String worker, Duration after, long now) {
    this.worker = worker;
    this.after = after;
    this.betweenLooks = Math.min(after.toNanos() / 4, MAX_BETWEEN_LOOKS);
    this.lookAt = now;
  }

  /** The records that stand still, in one line; empty without any. Logs each stall once. */
  String look(Tracks tracks, long now) {
    if (now - lookAt < 0) {
      return trouble;
    }
    lookAt = now + betweenLooks;
    stands.keySet().removeIf(partition -> tracks.get(partition) == null);
    List<String> fresh = new ArrayList<>();
    tracks.all().forEach(track -> look(track, now, fresh));
    if (!fresh.isEmpty()) {
      LOG.warn("{}: {}", worker, text(fresh));
    }
    List<String> stalled =
        stands.entrySet().stream()
            .filter(stand -> stand.getValue().reported())
            .map(stand -> stand.getKey() + "@" + stand.getValue().offset())
            .sorted()
            .toList();
    trouble = stalled.isEmpty() ? "" : text(stalled);
    return trouble;
  }

  private void look(Track track, long now, List<String> fresh) {
    if (!track.hasUnsent() || track.isStopped()) {
      stands.remove(track.partition);
      return;
    }
    long offset = track.firstUnsent();
    Stand stand = stands.get(track.partition);
    if (stand == null || stand.offset() != offset) {
      stands.put(track.partition, new Stand(offset, now, false));
    } else if (!stand.reported() && now - stand.since() >= after.toNanos()) {
      stands.put(track.partition, new Stand(offset, stand.since(), true));
      fresh.add(track.partition + "@" + offset);
    }
  }

  private String text(List<String> positions) {
    return "no progress for more than " + after.toMillis() + "ms at " + positions;
  }
}
