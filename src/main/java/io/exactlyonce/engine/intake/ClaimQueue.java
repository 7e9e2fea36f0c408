package io.exactlyonce.engine.intake;

import io.exactlyonce.config.value.OnGuardFailure;
import io.exactlyonce.engine.failure.Phase;
import io.exactlyonce.engine.failure.Reaction;
import io.exactlyonce.engine.failure.TransactionFailure;
import io.exactlyonce.engine.inflight.Signal;
import io.exactlyonce.engine.status.PipelineCounters;
import io.exactlyonce.guard.ClaimBatch;
import io.exactlyonce.guard.Guard;
import io.exactlyonce.guard.GuardRenewedException;
import io.exactlyonce.guard.GuardUnavailableException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

/**
 * The polls that wait for their claims, in the order of the polls: makes the claims, repeats those
 * that failed, and hands each poll over once its claims and those of the polls before it are
 * answered. The worker's thread alone calls it.
 */
public final class ClaimQueue {
  private static final long FIRST_RETRY_NANOS = 50_000_000;

  /**
   * Doublings of the wait for a retry, up to 400 ms: a retry is one call for one poll, which does
   * not burden a store that comes back.
   */
  private static final int MAX_DOUBLINGS = 3;

  /**
   * Claims per merged call. A larger call could take longer than {@code guard.timeout} at each
   * attempt.
   */
  private static final int MAX_MERGED = 1_000;

  /**
   * Polls that may wait at once. Each waits for the broker and for the store; with fewer, the next
   * poll would often have to wait for their answers.
   */
  private static final int MAX_WAITING = 16;

  private final Guard guard;
  private final TopicCheck topics;
  private final OnGuardFailure onFailure;
  private final Signal signal;
  private final PipelineCounters counters;
  private final ArrayDeque<WaitingPoll> waiting = new ArrayDeque<>();
  private final GuardTrouble trouble = new GuardTrouble(System::nanoTime);

  /** True while the claims of the first poll fail; until they succeed no others are made. */
  private boolean isFailing;

  private long retryAt;
  private int failures;

  public ClaimQueue(
      Guard guard,
      TopicCheck topics,
      OnGuardFailure onFailure,
      Signal signal,
      PipelineCounters counters) {
    this.guard = guard;
    this.topics = topics;
    this.onFailure = onFailure;
    this.signal = signal;
    this.counters = counters;
  }

  void add(WaitingPoll poll) {
    if (isFailing) {
      poll.putOff();
    }
    topics.add(poll);
    waiting.addLast(poll);
  }

  /** Whether the poll's claims are made; makes them once topics and look-up are answered. */
  private boolean maybeClaim(WaitingPoll poll) {
    if (poll.answer != null) {
      return true;
    }
    if (!poll.isSameTopics || !isLookedUp(poll)) {
      return false;
    }
    poll.answer =
        poll.lookUp != null && poll.lookUp.isCompletedExceptionally()
            ? poll.lookUp.thenApply(done -> new BitSet())
            : claim(poll.claims);
    return true;
  }

  /**
   * Makes claims and records how long the answer takes, also of a call that is answered at once.
   */
  private CompletableFuture<BitSet> claim(ClaimBatch claims) {
    if (claims.size() == 0) {
      return guard.claim(claims);
    }
    long from = System.nanoTime();
    CompletableFuture<BitSet> answer = guard.claim(claims);
    if (answer.isDone()) {
      counters.claimTimes.record(System.nanoTime() - from);
    } else {
      answer.whenComplete((duplicates, failure) -> postAnswer(from));
    }
    return answer;
  }

  private boolean isLookedUp(WaitingPoll poll) {
    if (poll.lookUp == null && poll.claims.needsLookUp()) {
      CompletableFuture<Void> lookUp = guard.lookUp(poll.claims);
      poll.lookUp = lookUp;
      lookUp.whenComplete((done, failure) -> signal.raise());
    }
    return poll.lookUp == null || poll.lookUp.isDone();
  }

  /**
   * Hands over the polls whose claims are answered, in order. Fails closed: while claims fail, or
   * while the broker has not confirmed the ids of the topics, nothing is handled, except by {@code
   * guard.on-failure: bypass}.
   *
   * @param dispatch takes a poll and the indexes of those claims that are duplicates
   * @throws TransactionFailure where a topic is gone, or claims were renewed
   */
  void admit(long now, BiConsumer<WaitingPoll, BitSet> dispatch) {
    trouble.flush();
    dropLetGo();
    topics.maybeAsk(now);
    if (!isFailing) {
      claimInOrder();
    }
    WaitingPoll first;
    while ((first = waiting.peekFirst()) != null && isAnswered(first, now)) {
      boolean isClaimed = !first.hasFailed();
      if (isClaimed) {
        dispatch.accept(first, first.duplicates());
      } else if (maybeBypass(first)) {
        dispatch.accept(first, new BitSet());
      } else {
        postFailure(first, now);
        return;
      }
      waiting.removeFirst();
      if (isClaimed) {
        postSuccess();
      }
    }
  }

  /**
   * Removes polls that were dropped before they were claimed. Their partitions' new owner reads
   * them again; and where a topic was recreated, a late claim would make a duplicate of the event's
   * copy in the new topic, which would then never be processed.
   */
  private void dropLetGo() {
    waiting.removeIf(poll -> poll.answer == null && poll.isDropped());
  }

  /** Makes claims in the order of the polls, up to a poll whose claims cannot be made yet. */
  private void claimInOrder() {
    for (WaitingPoll poll : waiting) {
      if (!maybeClaim(poll)) {
        return;
      }
    }
  }

  /** Whether the first poll's claims are answered; makes them where they are due. */
  private boolean isAnswered(WaitingPoll first, long now) {
    boolean isDue = !isFailing || now - retryAt >= 0;
    return (first.answer != null || isDue) && maybeClaim(first) && first.isAnswered();
  }

  /** Puts all claims off until a retry for the first poll alone shows that they succeed. */
  private void postFailure(WaitingPoll first, long now) {
    trouble.set(first.failure(), "no further record is handled until claims succeed");
    counters.claimFailures.increment();
    isFailing = true;
    first.putOff();
    retryAt = now + (FIRST_RETRY_NANOS << Math.min(failures++, MAX_DOUBLINGS));
  }

  private void postSuccess() {
    if (isFailing) {
      isFailing = false;
      claimAgain();
    }
    if (!trouble.text().isEmpty()
        && waiting.stream().noneMatch(poll -> poll.isPutOff || poll.hasFailed())) {
      trouble.clear();
      failures = 0;
    }
  }

  /**
   * Makes all claims that failed or were put off, merged into few calls, in the order of the polls,
   * up to a poll that has to wait for its topics or its look-up. Repeating a claim that was made,
   * though its caller saw a failure, is harmless: the store recognises the position that holds it.
   * Within one call the first position of an event comes first.
   */
  private void claimAgain() {
    waiting.stream()
        .filter(poll -> poll.answer == null || poll.hasFailed())
        .forEach(WaitingPoll::putOff);
    List<WaitingPoll> merged = new ArrayList<>();
    int size = 0;
    for (WaitingPoll poll : waiting) {
      if (poll.answer != null) {
        continue;
      }
      if (!poll.isSameTopics || poll.claims.needsLookUp()) {
        break;
      }
      if (!merged.isEmpty() && size + poll.claims.size() > MAX_MERGED) {
        claimTogether(merged);
        merged.clear();
        size = 0;
      }
      merged.add(poll);
      size += poll.claims.size();
    }
    if (!merged.isEmpty()) {
      claimTogether(merged);
    }
  }

  private void claimTogether(List<WaitingPoll> polls) {
    ClaimBatch all = new ClaimBatch();
    polls.forEach(poll -> all.addAll(poll.claims));
    CompletableFuture<BitSet> answer = claim(all);
    int from = 0;
    for (WaitingPoll poll : polls) {
      int first = from;
      int end = first + poll.claims.size();
      poll.answer = answer.thenApply(duplicates -> duplicates.get(first, end));
      from = end;
    }
  }

  /** Called on the thread that brings the answer. */
  private void postAnswer(long from) {
    counters.claimTimes.record(System.nanoTime() - from);
    signal.raise();
  }

  /**
   * Whether the poll's records are to be handled though their claims failed.
   *
   * @throws TransactionFailure where the claims were renewed
   */
  private boolean maybeBypass(WaitingPoll poll) {
    Throwable failure = poll.failure();
    if (failure instanceof GuardRenewedException) {
      throw new TransactionFailure(Phase.POLL, Reaction.ABORT_AND_REWIND, failure);
    }
    // A rebuild of the claims is waited for, whatever is configured: the store answers.
    if (onFailure != OnGuardFailure.BYPASS || !(failure instanceof GuardUnavailableException)) {
      return false;
    }
    trouble.set(failure, "records are handled WITHOUT the guard (guard.on-failure: bypass)");
    counters.claimFailures.increment();
    counters.unguarded.add(poll.claims.size());
    return true;
  }

  /** Makes all claims that are waited for again, after the guard was renewed. */
  void claimAllAgain() {
    waiting.forEach(WaitingPoll::putOff);
    claimAgain();
  }

  /** Drops all polls, after a rewind: their records are read again and must not be handed over. */
  void clear() {
    waiting.clear();
    topics.clear();
  }

  /** True while {@code MAX_WAITING} polls wait for their claims: another would only wait longer. */
  boolean isAhead() {
    return waiting.size() >= MAX_WAITING;
  }

  boolean isWaiting() {
    return !waiting.isEmpty();
  }

  /** Why polls are held back or handled without the guard; empty where they are not. */
  String trouble() {
    return topics.trouble().isEmpty() ? trouble.text() : topics.trouble();
  }
}
