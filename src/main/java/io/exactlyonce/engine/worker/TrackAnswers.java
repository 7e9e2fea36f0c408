package io.exactlyonce.engine.worker;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.engine.inflight.Track;
import io.exactlyonce.engine.inflight.Tracks;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.apache.kafka.common.Uuid;

/**
 * Answers about tracks that are found on other threads. A track stays without a position until its
 * answer is there; other tracks go on. An answer holds for the topic that was asked about, and not
 * for one that is made anew meanwhile. The worker's thread alone calls it.
 */
final class TrackAnswers<T> {
  private record Question<T>(Uuid topicId, CompletableFuture<T> answer) {}

  private final Map<Track, Question<T>> underWay = new LinkedHashMap<>();
  private final Map<Track, Question<T>> found = new HashMap<>();

  void await(Track track, Uuid topicId, CompletableFuture<T> answer) {
    underWay.put(track, new Question<>(topicId, answer));
  }

  /** Whether there is an answer for this very topic. */
  boolean isFound(Track track, Uuid topicId) {
    Question<T> question = found.get(track);
    return question != null && question.topicId().equals(topicId);
  }

  /** The answer; only where {@link #isFound}. */
  T of(Track track) {
    return requireNonNull(found.get(track)).answer().join();
  }

  /** Gives out the tracks that are still assigned and whose answer came or failed. */
  void takeEnded(Tracks tracks, BiConsumer<Track, Optional<Throwable>> ended) {
    found.keySet().removeIf(track -> tracks.get(track.partition) != track);
    underWay.keySet().removeIf(track -> tracks.get(track.partition) != track);
    for (Track track : List.copyOf(underWay.keySet())) {
      Question<T> question = requireNonNull(underWay.get(track));
      if (question.answer().isDone()) {
        underWay.remove(track);
        Throwable failure = question.answer().handle((answer, thrown) -> thrown).join();
        if (failure == null) {
          found.put(track, question);
        }
        ended.accept(track, Optional.ofNullable(failure));
      }
    }
  }

  boolean isUnderWay() {
    return !underWay.isEmpty();
  }

  /** Forgets all, before all partitions are looked up again; later answers are ignored. */
  void clear() {
    underWay.clear();
    found.clear();
  }

  void forget(Track track) {
    found.remove(track);
  }
}
