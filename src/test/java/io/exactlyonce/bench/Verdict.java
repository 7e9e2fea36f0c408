package io.exactlyonce.bench;

/**
 * Result of a read_committed reading of the sink after a run.
 *
 * @param outputs how many different events have one
 * @param missing events without an output although all records of theirs are committed
 * @param twice outputs of a record that has another one
 * @param through outputs of a record whose event already has one, of another record: duplicates
 *     that got through
 * @param disordered outputs after a later one of their key; without duplicates, which are late by
 *     themselves
 */
record Verdict(long outputs, long missing, long twice, long through, long disordered) {

  /**
   * The verdict where so many events were committed. A loop that sends before it commits may have
   * more outputs.
   */
  Verdict of(long committed) {
    return new Verdict(outputs, Math.max(0, committed - outputs), twice, through, disordered);
  }

  /**
   * Whether nothing is wrong. Repetitions count as wrong for an at-least-once loop too, since no
   * run is crashed.
   */
  boolean isGood() {
    return missing == 0 && twice == 0 && through == 0 && disordered == 0;
  }
}
