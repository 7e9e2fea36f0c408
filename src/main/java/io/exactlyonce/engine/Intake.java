package io.exactlyonce.engine;

import io.exactlyonce.config.OnGuardFailure;
import io.exactlyonce.deadletter.Replayed;
import io.exactlyonce.guard.ClaimBatch;
import io.exactlyonce.guard.ClaimKey;
import io.exactlyonce.guard.Guard;
import io.exactlyonce.guard.GuardRenewedException;
import io.exactlyonce.guard.GuardUnavailableException;
import io.exactlyonce.guard.Position;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

/**
 * From a poll to the handlers: claims each poll's records in one call, and hands them over once the
 * claims are in, in the order of the polls. Claims of the next poll travel while the last one's
 * records are handled. The worker's thread alone calls it.
 */
final class Intake {
  /** One poll's records until their claims are in. */
  private static final class Waiting {
    final List<Track> tracks = new ArrayList<>();
    final List<Chunk> chunks = new ArrayList<>();
    final ClaimBatch claims = new ClaimBatch();

    /** Null where nothing had to be looked up before the claims. */
    CompletableFuture<Void> lookUp;

    /** Null while something is looked up. */
    CompletableFuture<BitSet> answer;

    long retryAt;
    int failures;
  }

  private static final long FIRST_RETRY_NANOS = 50_000_000;
  private static final int MOST_DOUBLINGS = 5;
  private static final int MOST_WAITING = 4;

  private final Tracks tracks;
  private final DueGate gate;
  private final BackPressure backPressure;
  private final Guard guard;
  private final Admission admission;
  private final Lanes lanes;
  private final Signal signal;
  private final PipelineCounters counters;
  private final ClaimKey claimKey = new ClaimKey();
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private final GuardTrouble trouble = new GuardTrouble();

  Intake(
      Tracks tracks,
      DueGate gate,
      BackPressure backPressure,
      Guard guard,
      Admission admission,
      Lanes lanes,
      Signal signal,
      PipelineCounters counters) {
    this.tracks = tracks;
    this.gate = gate;
    this.backPressure = backPressure;
    this.guard = guard;
    this.admission = admission;
    this.lanes = lanes;
    this.signal = signal;
    this.counters = counters;
  }

  void accept(ConsumerRecords<byte[], byte[]> polled, long now) {
    Waiting poll = new Waiting();
    for (TopicPartition partition : polled.partitions()) {
      Track track = tracks.get(partition);
      List<ConsumerRecord<byte[], byte[]>> records = polled.records(partition);
      refuseStepBack(track, records.get(0));
      Chunk chunk = gate.chunk(track, backPressure.cut(track, records), now);
      if (chunk.size() == 0) {
        continue;
      }
      chunk.topicId = track.topicId();
      track.append(chunk);
      backPressure.postTake(chunk, now);
      counters.read.add(chunk.size());
      poll.tracks.add(track);
      poll.chunks.add(chunk);
      addClaims(track, chunk, poll.claims);
    }
    polled
        .nextOffsets()
        .forEach(
            (partition, next) -> {
              Track track = tracks.get(partition);
              if (track != null) {
                track.polledTo(next);
              }
            });
    if (!poll.chunks.isEmpty()) {
      claim(poll);
      waiting.addLast(poll);
    }
  }

  /**
   * Without a rewind of ours a partition goes back only where its topic was made anew or its log
   * was cut: then what is committed says nothing of these records.
   */
  private static void refuseStepBack(Track track, ConsumerRecord<byte[], byte[]> first) {
    if (first.offset() < track.read()) {
      throw new TransactionFailure(
          Phase.POLL,
          Reaction.STOP,
          new IllegalStateException(
              track.partition
                  + " went back to "
                  + first.offset()
                  + " from "
                  + track.read()
                  + ": its topic was made anew or its log was cut; look at what is gone, then set the"
                  + " group's offsets with kafka-consumer-groups.sh --reset-offsets and start again"));
    }
  }

  private void addClaims(Track track, Chunk chunk, ClaimBatch claims) {
    for (int i = 0; i < chunk.size(); i++) {
      ConsumerRecord<byte[], byte[]> record = chunk.record(i);
      chunk.eventIds[i] = admission.eventId(record);
      chunk.verdicts[i] = admission.verdict(chunk.eventIds[i]);
      if (admission.isGuarded(chunk, i)) {
        Origin origin = chunk.origin(i);
        claims.add(
            claimKey.of(chunk.eventIds[i]),
            origin == null
                ? Position.encode(track.topicId(), record.partition(), record.offset())
                : origin.claim());
        Replayed replayed = origin == null ? Replayed.of(record.headers()) : null;
        if (replayed != null) {
          claims.replayed(replayed);
        }
      }
    }
  }

  private void claim(Waiting poll) {
    if (poll.claims.needsLookUp()) {
      poll.answer = null;
      poll.lookUp = guard.lookUp(poll.claims);
      poll.lookUp.whenComplete((done, failure) -> signal.raise());
    } else {
      poll.answer = guard.claim(poll.claims);
      if (!poll.answer.isDone()) {
        poll.answer.whenComplete((duplicates, failure) -> signal.raise());
      }
    }
  }

  /**
   * False while something is looked up. A look-up that failed is a claim that failed: both are
   * repeated.
   */
  private boolean isAsked(Waiting poll) {
    if (poll.answer == null && poll.lookUp.isDone()) {
      poll.answer =
          poll.lookUp.isCompletedExceptionally()
              ? poll.lookUp.thenApply(done -> new BitSet())
              : guard.claim(poll.claims);
    }
    return poll.answer != null;
  }

  /** Hands over what is claimed. Fails closed: while claims fail nothing is handled. */
  void admit(long now) {
    Waiting first;
    while ((first = waiting.peekFirst()) != null && isAsked(first) && first.answer.isDone()) {
      if (!first.answer.isCompletedExceptionally()) {
        trouble.clear();
        dispatch(first, first.answer.join());
      } else if (maybeBypass(first)) {
        dispatch(first, new BitSet());
      } else {
        maybeClaimAgain(first, now);
        return;
      }
      waiting.removeFirst();
    }
  }

  private void maybeClaimAgain(Waiting poll, long now) {
    if (poll.retryAt == 0) {
      trouble.set(failure(poll), "nothing is handled until they succeed");
      counters.claimFailures.increment();
      long wait = FIRST_RETRY_NANOS << Math.min(poll.failures++, MOST_DOUBLINGS);
      poll.retryAt = now + wait;
    } else if (now - poll.retryAt >= 0) {
      poll.retryAt = 0;
      claim(poll);
    }
  }

  /** Whether the poll's records are to be handled though their claims failed. */
  private boolean maybeBypass(Waiting poll) {
    Throwable failure = failure(poll);
    if (failure instanceof GuardRenewedException) {
      throw new TransactionFailure(Phase.POLL, Reaction.ABORT_AND_REWIND, failure);
    }
    // While claims are rebuilt the store is there: that is waited for, whatever is configured.
    if (admission.onGuardFailure() != OnGuardFailure.BYPASS
        || !(failure instanceof GuardUnavailableException)) {
      return false;
    }
    trouble.set(failure, "records are handled WITHOUT the guard (guard.on-failure: bypass)");
    counters.claimFailures.increment();
    counters.unguarded.add(poll.claims.size());
    return true;
  }

  private static Throwable failure(Waiting poll) {
    Throwable failure = poll.answer.handle((v, thrown) -> thrown).join();
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  private void dispatch(Waiting poll, BitSet duplicates) {
    int claim = 0;
    for (int c = 0; c < poll.chunks.size(); c++) {
      Chunk chunk = poll.chunks.get(c);
      for (int i = 0; i < chunk.size(); i++) {
        if (admission.isGuarded(chunk, i) && duplicates.get(claim++)) {
          chunk.verdicts[i] = Chunk.Verdict.DUPLICATE;
        }
      }
      if (!chunk.isDropped()) {
        lanes.dispatch(poll.tracks.get(c), chunk);
      }
    }
  }

  /** After a rewind: chunks of polls before it are dropped and must not be handed over. */
  void clear() {
    waiting.clear();
  }

  /** Claims of so many polls are on their way that one more would not come any sooner. */
  boolean isAhead() {
    return waiting.size() >= MOST_WAITING;
  }

  boolean isWaitingForClaims() {
    return !waiting.isEmpty();
  }

  /** Why claims fail; empty while they do not. */
  String guardTrouble() {
    return trouble.text();
  }
}
