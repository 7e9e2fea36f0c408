package io.exactlyonce.engine.status;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.receipt.Receipt;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * What happened in a pipeline of this instance since it started. Counters are for watching; what is
 * true stands in the topics.
 */
public final class PipelineCounters {
  public final LongAdder read = new LongAdder();
  public final LongAdder processed = new LongAdder();
  public final LongAdder skipped = new LongAdder();
  public final LongAdder duplicates = new LongAdder();
  public final LongAdder deadLetters = new LongAdder();
  public final LongAdder passed = new LongAdder();
  public final LongAdder delayed = new LongAdder();
  public final LongAdder outputs = new LongAdder();
  public final LongAdder commits = new LongAdder();

  /** Of whatever cause; {@link #aborted} counts. */
  public final LongAdder aborts = new LongAdder();

  private final Map<AbortCause, LongAdder> abortsByCause = new EnumMap<>(AbortCause.class);

  public final LongAdder rebuilds = new LongAdder();
  public final LongAdder unknownCommits = new LongAdder();

  public final Rebalances rebalances = new Rebalances();
  public final LongAdder handlerFailures = new LongAdder();

  /** Attempts in place that a retry policy granted; what goes to a retry topic is delayed. */
  public final LongAdder retries = new LongAdder();

  /** Effects whose call was made, and those that were answered with an earlier call's result. */
  public final LongAdder effectsCalled = new LongAdder();

  public final LongAdder effectsRemembered = new LongAdder();
  public final LongAdder claimFailures = new LongAdder();

  /** Records that were committed first, as {@code at-most-once} does, and then not finished. */
  public final LongAdder lost = new LongAdder();

  /** Records that were handled without their claims, by {@code guard.on-failure: bypass}. */
  public final LongAdder unguarded = new LongAdder();

  /** How long a transaction was with the committer, of those that committed. */
  public final Durations commitTimes = new Durations(Durations.OF_CALLS);

  /** How long a call to the guard took, with those that failed. */
  public final Durations claimTimes = new Durations(Durations.OF_CALLS);

  /** How long a record took its handler thread: decoding, the handler, serializing; by attempt. */
  public final Durations handlerTimes = new Durations(Durations.OF_CALLS);

  /** From a record's timestamp to the commit of its offset. */
  public final Durations endToEndTimes = new Durations(Durations.OF_WAITS);

  public PipelineCounters() {
    for (AbortCause cause : AbortCause.values()) {
      abortsByCause.put(cause, new LongAdder());
    }
  }

  public void aborted(AbortCause cause) {
    aborts.increment();
    aborts(cause).increment();
  }

  public LongAdder aborts(AbortCause cause) {
    return requireNonNull(abortsByCause.get(cause));
  }

  /**
   * Counts what a committed transaction did, so that aborted work counts for nothing.
   *
   * @param spans of its receipt
   * @param outputs records written, by topic
   */
  public void committed(List<Receipt.Span> spans, Map<String, Integer> outputs) {
    commits.increment();
    for (Receipt.Span span : spans) {
      processed.add(span.processed());
      skipped.add(span.skipped());
      duplicates.add(span.duplicates().size());
      deadLetters.add(span.deadLetters().size());
      passed.add(span.passed().size());
      delayed.add(span.delayed().size());
    }
    outputs.values().forEach(this.outputs::add);
  }
}
