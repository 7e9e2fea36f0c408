package io.exactlyonce.engine;

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
  public final LongAdder aborts = new LongAdder();
  public final LongAdder rebuilds = new LongAdder();
  public final LongAdder unknownCommits = new LongAdder();
  public final LongAdder handlerFailures = new LongAdder();
  public final LongAdder claimFailures = new LongAdder();

  /** Records that were handled without their claims, by {@code guard.on-failure: bypass}. */
  public final LongAdder unguarded = new LongAdder();

  /**
   * Counts what a committed transaction says of itself, so that aborted work counts for nothing.
   */
  void committed(Batch.Sealed batch) {
    commits.increment();
    batch
        .spans()
        .forEach(
            span -> {
              processed.add(span.processed());
              skipped.add(span.skipped());
              duplicates.add(span.duplicates().size());
              deadLetters.add(span.deadLetters().size());
              passed.add(span.passed().size());
              delayed.add(span.delayed().size());
            });
    batch.outputs().values().forEach(outputs::add);
  }
}
