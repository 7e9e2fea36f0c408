package io.exactlyonce.engine.status;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.receipt.Receipt;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counters of one pipeline since this process started it. They are for monitoring only: an audit
 * goes by the receipts.
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

  /** All aborts, whatever the cause; {@link #aborted} counts them. */
  public final LongAdder aborts = new LongAdder();

  private final Map<AbortCause, LongAdder> abortsByCause = new EnumMap<>(AbortCause.class);

  public final LongAdder rebuilds = new LongAdder();
  public final LongAdder unknownCommits = new LongAdder();

  public final Rebalances rebalances = new Rebalances();
  public final LongAdder handlerFailures = new LongAdder();

  /** Repeated calls of a handler in place; records that go to a retry topic count as delayed. */
  public final LongAdder retries = new LongAdder();

  /** Effects whose call was made, and below those that got an earlier call's recorded result. */
  public final LongAdder effectsCalled = new LongAdder();

  public final LongAdder effectsRemembered = new LongAdder();
  public final LongAdder claimFailures = new LongAdder();

  /** Records that {@code at-most-once} committed and that were not handled to their end. */
  public final LongAdder lost = new LongAdder();

  /** Records that were handled without a claim, under {@code guard.on-failure: bypass}. */
  public final LongAdder unguarded = new LongAdder();

  /** From a transaction's hand-over to the committer until its commit; committed ones only. */
  public final Durations commitTimes = new Durations(Durations.OF_CALLS);

  /** How long a call that claims event ids took, failed ones included. */
  public final Durations claimTimes = new Durations(Durations.OF_CALLS);

  /** How long an attempt took its handler thread: decoding, the handler, serializing. */
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
   * Counts the records of a committed transaction; those of aborted ones are never counted here.
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
