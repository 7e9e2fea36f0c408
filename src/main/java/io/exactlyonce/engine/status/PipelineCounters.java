package io.exactlyonce.engine.status;

import io.exactlyonce.receipt.Receipt;
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
  public final LongAdder aborts = new LongAdder();
  public final LongAdder rebuilds = new LongAdder();
  public final LongAdder unknownCommits = new LongAdder();

  /** Times that the group gave a worker its partitions, the first time included. */
  public final LongAdder rebalances = new LongAdder();

  public final LongAdder handlerFailures = new LongAdder();
  public final LongAdder claimFailures = new LongAdder();

  /** Records that were committed first, as {@code at-most-once} does, and then not finished. */
  public final LongAdder lost = new LongAdder();

  /** Records that were handled without their claims, by {@code guard.on-failure: bypass}. */
  public final LongAdder unguarded = new LongAdder();

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
