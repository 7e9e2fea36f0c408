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

/** One poll's records until their claims are in. */
final class WaitingPoll {
  final List<Track> tracks = new ArrayList<>();
  final List<PolledRecords> polled = new ArrayList<>();
  final ClaimBatch claims = new ClaimBatch();

  /** So they were after these records were polled. It holds for good: no id comes twice. */
  boolean isSameTopics;

  /** What {@link Guard#lookUp} finds out before the claims; null where nothing is looked up. */
  @Nullable CompletableFuture<Void> lookUp;

  /** Null while the claims are not made (again) yet. */
  @Nullable CompletableFuture<BitSet> answer;

  /** Its claims failed, or were put off because those of an earlier poll fail. */
  boolean isPutOff;

  int records() {
    return polled.stream().mapToInt(PolledRecords::size).sum();
  }

  /** Whether nobody waits for it any more: its partitions were let go. */
  boolean isDropped() {
    return polled.stream().allMatch(PolledRecords::isDropped);
  }

  boolean isAnswered() {
    return answer != null && answer.isDone();
  }

  /** What the claims found; only where they are answered. */
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
