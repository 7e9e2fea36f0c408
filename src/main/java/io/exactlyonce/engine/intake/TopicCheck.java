package io.exactlyonce.engine.intake;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.engine.failure.Causes;
import io.exactlyonce.engine.failure.Phase;
import io.exactlyonce.engine.failure.Reaction;
import io.exactlyonce.engine.failure.TransactionFailure;
import io.exactlyonce.engine.inflight.Signal;
import io.exactlyonce.engine.topic.SameTopics;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks, before polled records are claimed, that their topics still have the ids that the records'
 * positions name. A record of a recreated topic that was claimed for the old one would be a
 * duplicate of itself when the new one is read from its beginning. The worker's thread alone calls
 * it.
 *
 * <p>One request at a time asks for all polls that wait when it is made. The more records wait, the
 * later it is made, up to {@link #MAX_GAP_NANOS} after the last one: a worker that keeps up asks at
 * once, and one with a backlog, whose polls wait for their claims anyway, asks for thousands of
 * records at a time.
 */
public final class TopicCheck {
  static final long MAX_GAP_NANOS = Duration.ofMillis(10).toNanos();

  /**
   * Time between two requests for each record that waits: a request takes about 0.2 ms of CPU here
   * and at the broker.
   */
  static final long GAP_NANOS_PER_RECORD = 20_000;

  private static final Logger LOG = LoggerFactory.getLogger(TopicCheck.class);
  private static final long FIRST_RETRY_NANOS = 50_000_000;
  private static final int MAX_DOUBLINGS = 3;

  private final String group;
  private final @Nullable SameTopics sameTopics;
  private final Signal signal;
  private final ArrayDeque<WaitingPoll> unknown = new ArrayDeque<>();

  /** How many polls, from the first on, the request under way answers for. */
  private int asked;

  /** Null while no request is under way. */
  private @Nullable CompletableFuture<Void> answer;

  private int records;
  private long askedAt;
  private long gap;
  private int failures;
  private String trouble = "";

  /**
   * @param sameTopics asks the broker; null where no claims are made, or where the ids are checked
   *     before
   */
  public TopicCheck(String group, @Nullable SameTopics sameTopics, Signal signal) {
    this.group = group;
    this.sameTopics = sameTopics;
    this.signal = signal;
    this.askedAt = System.nanoTime();
  }

  void add(WaitingPoll poll) {
    if (sameTopics == null) {
      poll.isSameTopics = true;
    } else {
      unknown.addLast(poll);
      records += poll.records();
    }
  }

  /**
   * Takes in an answer, and makes the next request when it is due. Called once a turn; never waits.
   *
   * @throws TransactionFailure where a topic is gone, or the broker refuses
   */
  void maybeAsk(long now) {
    maybeTake(now);
    if (this.answer != null || unknown.isEmpty() || now - askedAt < gap()) {
      return;
    }
    CompletableFuture<Void> answer = requireNonNull(sameTopics).check(topicIds());
    this.answer = answer;
    asked = unknown.size();
    records = 0;
    askedAt = now;
    if (answer.isDone()) {
      take(answer, now);
    } else {
      answer.whenComplete((same, failure) -> signal.raise());
    }
  }

  /**
   * Nanoseconds from the last request to the next: twice as long as its answer took, or longer by
   * the records that wait, but {@link #MAX_GAP_NANOS} at most. After a failure the wait of the
   * retry.
   */
  private long gap() {
    return failures > 0
        ? gap
        : Math.min(MAX_GAP_NANOS, Math.max(gap, records * GAP_NANOS_PER_RECORD));
  }

  private Set<Uuid> topicIds() {
    Set<Uuid> ids = new HashSet<>();
    unknown.forEach(poll -> poll.polled.forEach(polled -> ids.add(polled.topicId)));
    return ids;
  }

  private void maybeTake(long now) {
    if (answer != null && answer.isDone()) {
      take(answer, now);
    }
  }

  private void take(CompletableFuture<Void> answer, long now) {
    Throwable failure = Causes.unwrapped(answer.handle((same, thrown) -> thrown).join());
    this.answer = null;
    if (failure == null) {
      for (; asked > 0; asked--) {
        unknown.removeFirst().isSameTopics = true;
      }
      gap = 2 * (now - askedAt);
      postSuccess();
    } else if (failure instanceof UnknownTopicIdException) {
      throw new TransactionFailure(Phase.POLL, Reaction.ABORT_AND_REWIND, failure);
    } else if (failure instanceof RetriableException) {
      gap = now - askedAt + (FIRST_RETRY_NANOS << Math.min(failures++, MAX_DOUBLINGS));
      postFailure(failure);
    } else {
      throw TransactionFailure.of(Phase.POLL, failure);
    }
  }

  private void postFailure(Throwable failure) {
    Set<String> topics = new TreeSet<>();
    Iterator<WaitingPoll> polls = unknown.iterator();
    for (int i = 0; i < asked; i++) {
      polls.next().polled.forEach(polled -> topics.add(polled.partition.topic()));
    }
    String now =
        "Kafka has not confirmed the ids of the topics "
            + topics
            + ": "
            + failure.getMessage()
            + "; their records are handled once it has";
    if (trouble.isEmpty()) {
      LOG.warn("{}: {}", group, now);
    }
    trouble = now;
  }

  private void postSuccess() {
    failures = 0;
    if (!trouble.isEmpty()) {
      LOG.info("{}: Kafka confirms the ids of the topics again", group);
      trouble = "";
    }
  }

  /** Forgets all polls, after a rewind. */
  void clear() {
    unknown.clear();
    asked = 0;
    answer = null;
    records = 0;
    failures = 0;
    gap = 0;
    trouble = "";
  }

  /** Why the ids are not confirmed; empty while they are. */
  String trouble() {
    return trouble;
  }
}
