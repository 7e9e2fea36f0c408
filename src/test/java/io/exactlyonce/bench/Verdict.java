package io.exactlyonce.bench;

/**
 * What a read_committed reader finds in the sink after a run.
 *
 * @param outputs how many different events have one
 * @param missing events without an output although all records of theirs are committed
 * @param twice outputs of a record that has another one
 * @param through outputs of a record whose event already has one, of another record: duplicates
 *     that got through
 * @param disordered outputs behind a later one of their key; duplicates aside, which are late by
 *     themselves
 */
record Verdict(long outputs, long missing, long twice, long through, long disordered) {

  /** After so many events were committed; a loop that sends before it commits may be ahead. */
  Verdict of(long committed) {
    return new Verdict(outputs, Math.max(0, committed - outputs), twice, through, disordered);
  }

  /** An at-least-once loop may repeat itself after a crash; here nothing crashes. */
  boolean isGood() {
    return missing == 0 && twice == 0 && through == 0 && disordered == 0;
  }
}
