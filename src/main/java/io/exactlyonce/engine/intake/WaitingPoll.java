package io.exactlyonce.engine.intake;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.engine.failure.Causes;
import io.exactlyonce.engine.inflight.PolledRecords;
import io.exactlyonce.engine.inflight.Track;
import io.exactlyonce.guard.ClaimBatch;
import io.exactlyonce.guard.Guard;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The records of one poll that wait for their claims. */
final class WaitingPoll {
  final List<Track> tracks = new ArrayList<>();
  final List<PolledRecords> polled = new ArrayList<>();
  final ClaimBatch claims = new ClaimBatch();

  /**
   * Whether the topics' ids were confirmed after these records were polled. It holds for good,
   * since no id is used twice.
   */
  boolean isSameTopics;

  /** The look-up before the claims, {@link Guard#lookUp}; null where none was begun. */
  @Nullable CompletableFuture<Void> lookUp;

  /** The answer to the claims; null until they are made, or made again. */
  @Nullable CompletableFuture<BitSet> answer;

  /** Whether its claims failed, or were put off because those of an earlier poll fail. */
  boolean isPutOff;

  int records() {
    return polled.stream().mapToInt(PolledRecords::size).sum();
  }

  /** Whether all its records are dropped, because their partitions were revoked or rewound. */
  boolean isDropped() {
    return polled.stream().allMatch(PolledRecords::isDropped);
  }

  boolean isAnswered() {
    return answer != null && answer.isDone();
  }

  /** The indexes of the claims that are duplicates; only where they are answered. */
  BitSet duplicates() {
    return requireNonNull(answer).join();
  }

  boolean hasFailed() {
    return answer != null && answer.isCompletedExceptionally();
  }

  Throwable failure() {
    return Causes.unwrapped(requireNonNull(answer).handle((v, thrown) -> thrown).join());
  }

  void putOff() {
    isPutOff = true;
    answer = null;
    lookUp = null;
  }
}
