package io.exactlyonce.engine.worker;

import io.exactlyonce.engine.failure.Causes;
import io.exactlyonce.engine.failure.Phase;
import io.exactlyonce.engine.failure.TransactionFailure;
import io.exactlyonce.engine.inflight.Track;
import io.exactlyonce.engine.inflight.Tracks;
import io.exactlyonce.engine.topic.Lookup;
import io.exactlyonce.engine.topic.TopicIds;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the broker where partitions stand, takes answers in whenever they come, and asks again where
 * there was none. The worker's thread alone calls it.
 */
final class Lookups {
  private static final Logger LOG = LoggerFactory.getLogger(Lookups.class);
  private static final long FIRST_RETRY_NANOS = 200_000_000;
  private static final long MAX_RETRY_NANOS = 2_000_000_000;
  private static final long SAID_AGAIN_NANOS = Duration.ofMinutes(1).toNanos();

  private final String group;
  private final Tracks tracks;
  private final TopicIds topicIds;
  private final Map<Track, CompletableFuture<Lookup.Answer>> asked = new LinkedHashMap<>();
  private final Map<Track, KafkaException> waiting = new LinkedHashMap<>();
  private long retryAt;
  private long retryWait = FIRST_RETRY_NANOS;
  private String trouble = "";
  private String said = "";
  private long saidAt;

  Lookups(String group, Tracks tracks, TopicIds topicIds) {
    this.group = group;
    this.tracks = tracks;
    this.topicIds = topicIds;
  }

  void ask(Collection<Track> wanted) {
    if (wanted.isEmpty()) {
      return;
    }
    Map<TopicPartition, CompletableFuture<Lookup.Answer>> answers =
        topicIds.lookUp(group, wanted.stream().map(track -> track.partition).toList());
    wanted.forEach(track -> asked.put(track, answers.get(track.partition)));
  }

  /**
   * Asks again about partitions that got no answer, once the pause is over.
   *
   * @return whether an answer is awaited
   */
  boolean maybeAskAgain(long now) {
    if (asked.isEmpty() && waiting.isEmpty()) {
      retryWait = FIRST_RETRY_NANOS;
      return false;
    }
    if (asked.isEmpty() && now - retryAt >= 0) {
      retryWait = Math.min(retryWait * 2, MAX_RETRY_NANOS);
      ask(List.copyOf(waiting.keySet()));
    }
    return true;
  }

  /** Blocks until all questions are answered, or the bound has passed. */
  void await(Duration bound) {
    try {
      CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new))
          .get(bound.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
      // Each answer is looked at when it is taken; the worker goes on while others are missing.
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  /**
   * Takes out the answers, of tracks that are still assigned.
   *
   * @throws TransactionFailure where the broker refuses to answer
   */
  Map<Track, Lookup.Answer> takeAnswered() {
    Map<Track, Lookup.Answer> answered = new LinkedHashMap<>();
    for (Map.Entry<Track, CompletableFuture<Lookup.Answer>> each : List.copyOf(asked.entrySet())) {
      Track track = each.getKey();
      CompletableFuture<Lookup.Answer> answer = each.getValue();
      if (tracks.get(track.partition) != track) { // revoked or lost meanwhile
        asked.remove(track);
        waiting.remove(track);
      } else if (answer.isDone()) {
        asked.remove(track);
        Throwable failure = answer.handle((found, thrown) -> thrown).join();
        if (failure == null) {
          answered.put(track, answer.join());
          waiting.remove(track);
        } else {
          postpone(track, failure);
        }
      }
    }
    waiting.keySet().removeIf(track -> tracks.get(track.partition) != track);
    show();
    return answered;
  }

  void postpone(Track track, Throwable failure) {
    Throwable cause = Causes.unwrapped(failure);
    if (!(cause instanceof RetriableException passing)) {
      throw TransactionFailure.of(Phase.POLL, cause);
    }
    waiting.put(track, passing);
    retryAt = System.nanoTime() + retryWait;
  }

  /** Shows which partitions wait; logs it where it differs from the last line, and each minute. */
  private void show() {
    String now =
        waiting.isEmpty()
            ? ""
            : waiting.keySet().stream().map(track -> track.partition.toString()).sorted().toList()
                + " are not read, the other partitions go on: "
                + new TreeSet<>(waiting.values().stream().map(Throwable::getMessage).toList());
    long nanos = System.nanoTime();
    if (!now.isEmpty() && (!now.equals(said) || nanos - saidAt >= SAID_AGAIN_NANOS)) {
      LOG.warn("{}: {}", group, now);
      said = now;
      saidAt = nanos;
    }
    trouble = now;
  }

  void clear() {
    asked.clear();
    waiting.clear();
  }

  boolean areAnswered() {
    return asked.isEmpty();
  }

  /** Whether an answer is missing, or is other than that the partition has to wait. */
  boolean meetOutage() {
    return !asked.isEmpty() || waiting.values().stream().anyMatch(e -> !Starts.isAnswer(e));
  }

  /** The failure to report for the outage. */
  KafkaException outage() {
    return waiting.values().stream()
        .findFirst()
        .orElseGet(
            () ->
                new TimeoutException(
                    "Kafka does not answer requests for the offsets of the assigned partitions"));
  }

  /** Which partitions are not read and why; empty where all are. */
  String trouble() {
    return trouble;
  }
}
