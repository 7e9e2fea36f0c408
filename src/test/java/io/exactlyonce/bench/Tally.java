package io.exactlyonce.bench;

import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** Counts the outputs of a run, and for comparison the events whose records it committed. */
final class Tally {
  private final Load load;
  private final BitSet committed = new BitSet();
  private final BitSet begun = new BitSet();
  private final BitSet events = new BitSet();
  private final BitSet places = new BitSet();
  private final Map<ByteBuffer, Long> last = new HashMap<>();
  private long twice;
  private long through;
  private long disordered;

  Tally(Load load) {
    this.load = load;
  }

  /** Adds a record of the source that is below the committed offset. */
  void committed(byte[] value) {
    committed.set((int) Payload.place(value));
    begun.set((int) Payload.number(value));
  }

  /** Adds a record of the sink; those of a partition in its order. */
  void output(byte[] key, byte[] value) {
    int number = (int) Payload.number(value);
    int place = (int) Payload.place(value);
    if (places.get(place)) {
      twice++;
    } else if (events.get(number)) {
      through++;
    }
    places.set(place);
    events.set(number);
    if (!Payload.isDuplicate(value)) {
      Long before = last.put(ByteBuffer.wrap(key), (long) number);
      if (before != null && before > number) {
        disordered++;
      }
    }
  }

  /**
   * Whether all records of an event are committed. Where the run ended between two of them, the
   * output for the later one may still come.
   */
  private boolean isAllCommitted(int number) {
    return load.places(number).allMatch(place -> committed.get((int) place));
  }

  Verdict verdict() {
    BitSet without = (BitSet) begun.clone();
    without.andNot(events);
    long missing = without.stream().filter(this::isAllCommitted).count();
    return new Verdict(events.cardinality(), missing, twice, through, disordered);
  }
}
