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
 * The polls whose claims are on their way, in the order of the polls: makes the claims, repeats
 * what failed, and gives out each poll once its claims and those before it are in. The worker's
 * thread alone calls it.
 */
public final class ClaimQueue {
  private static final long FIRST_RETRY_NANOS = 50_000_000;

  /** To 400 ms: one call of one poll costs a store that comes back nothing. */
  private static final int MAX_DOUBLINGS = 3;

  /** Claims per merged call. More of them could take longer than guard.timeout, again and again. */
  private static final int MAX_MERGED = 1_000;

  /** Each waits for the broker and for the store: with fewer, polls would wait for those. */
  private static final int MAX_WAITING = 16;

  private final Guard guard;
  private final TopicCheck topics;
  private final OnGuardFailure onFailure;
  private final Signal signal;
  private final PipelineCounters counters;
  private final ArrayDeque<WaitingPoll> waiting = new ArrayDeque<>();
  private final GuardTrouble trouble = new GuardTrouble(System::nanoTime);

  /** The claims of the first poll failed; until they succeed no others are made. */
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

  /** Whether the poll's claims are made; makes them where all is known that they wait for. */
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

  /** Each call counts, also one that is answered before it returns: those are the fast ones. */
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
   * Hands over what is claimed. Fails closed: while claims fail, or while it is not known whether
   * the topics are the same, nothing is handled.
   *
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
   * No claim is made for what was let go. Its new owner reads it again; and where its topic was
   * made anew, a claim that comes late would keep a copy of the event in the new topic from being
   * processed.
   */
  private void dropLetGo() {
    waiting.removeIf(poll -> poll.answer == null && poll.isDropped());
  }

  /** A poll whose claims cannot be made yet has those behind it wait. */
  private void claimInOrder() {
    for (WaitingPoll poll : waiting) {
      if (!maybeClaim(poll)) {
        return;
      }
    }
  }

  /** Whether the first poll's claims have an answer; makes them where their time has come. */
  private boolean isAnswered(WaitingPoll first, long now) {
    boolean isDue = !isFailing || now - retryAt >= 0;
    return (first.answer != null || isDue) && maybeClaim(first) && first.isAnswered();
  }

  /** One clock for all polls that wait: the first one alone finds out when claims succeed again. */
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
   * Makes all claims that failed or were put off, at once and in few calls, in the order of the
   * polls, up to one for which something has to be known first. Claims that failed for their caller
   * may have been made all the same: a claim names the position that holds it, which is recognised
   * by that whenever it is repeated. Within one call the first position of an event comes first.
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

  /** On whatever thread the answer came. */
  private void postAnswer(long from) {
    counters.claimTimes.record(System.nanoTime() - from);
    signal.raise();
  }

  /** Whether the poll's records are to be handled though their claims failed. */
  private boolean maybeBypass(WaitingPoll poll) {
    Throwable failure = poll.failure();
    if (failure instanceof GuardRenewedException) {
      throw new TransactionFailure(Phase.POLL, Reaction.ABORT_AND_REWIND, failure);
    }
    // While claims are rebuilt the store is there: that is waited for, whatever is configured.
    if (onFailure != OnGuardFailure.BYPASS || !(failure instanceof GuardUnavailableException)) {
      return false;
    }
    trouble.set(failure, "records are handled WITHOUT the guard (guard.on-failure: bypass)");
    counters.claimFailures.increment();
    counters.unguarded.add(poll.claims.size());
    return true;
  }

  /** The claims that are waited for are asked for again, of a guard that was renewed. */
  void claimAllAgain() {
    waiting.forEach(WaitingPoll::putOff);
    claimAgain();
  }

  /** After a rewind: records of polls before it are dropped and must not be handed over. */
  void clear() {
    waiting.clear();
    topics.clear();
  }

  /** Whether so many polls wait for their claims that another would only lengthen the queue. */
  boolean isAhead() {
    return waiting.size() >= MAX_WAITING;
  }

  boolean isWaiting() {
    return !waiting.isEmpty();
  }

  /** Why nothing is handed over; empty while it is. */
  String trouble() {
    return topics.trouble().isEmpty() ? trouble.text() : topics.trouble();
  }
}
