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
 * What is found out about tracks away from the worker's thread. A track that is asked about stays
 * without a position until then, and the others go on. What was found holds for the topic that was
 * asked about, and not for one that is made anew meanwhile. The worker's thread alone calls it.
 */
final class TrackAnswers<T> {
  private record Question<T>(Uuid topicId, CompletableFuture<T> answer) {}

  private final Map<Track, Question<T>> underWay = new LinkedHashMap<>();
  private final Map<Track, Question<T>> found = new HashMap<>();

  void await(Track track, Uuid topicId, CompletableFuture<T> answer) {
    underWay.put(track, new Question<>(topicId, answer));
  }

  /** Whether it was found out of this very topic. */
  boolean isFound(Track track, Uuid topicId) {
    Question<T> question = found.get(track);
    return question != null && question.topicId().equals(topicId);
  }

  /** What was found last; only where {@link #isFound}. */
  T of(Track track) {
    return requireNonNull(found.get(track)).answer().join();
  }

  /** Takes out what has ended, of tracks that are still here, with why it failed. */
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

  /** Before all partitions are asked for again; what is under way goes on and harms nothing. */
  void clear() {
    underWay.clear();
    found.clear();
  }

  void forget(Track track) {
    found.remove(track);
  }
}
