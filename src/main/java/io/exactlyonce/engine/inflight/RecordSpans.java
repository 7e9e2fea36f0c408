package io.exactlyonce.engine.inflight;

import io.exactlyonce.engine.spi.RecordSpan;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The spans of the records of one partition in one poll. All polls share {@link #NONE} while
 * tracing is off.
 *
 * <p>Threads: the handler's thread that is at a record puts its span in, the worker's thread ends
 * it. Where records are dropped while a handler is at one of them, the handler's thread asks
 * whether they were after it has put the span in, and the worker's looks for spans after it has
 * dropped them: at least one of the two ends it.
 */
public final class RecordSpans {
  /** Of records that are not traced. */
  public static final RecordSpans NONE = new RecordSpans(0);

  private final AtomicReferenceArray<@Nullable RecordSpan> spans;

  /** How many of the first have ended; the worker's. */
  private int ended;

  private RecordSpans(int records) {
    spans = new AtomicReferenceArray<>(records);
  }

  /** For so many records that are traced, which is one at least. */
  public static RecordSpans of(int records) {
    return new RecordSpans(records);
  }

  public boolean isOn() {
    return spans.length() > 0;
  }

  /** Null where the record is not handled yet, or not traced. */
  public @Nullable RecordSpan find(int index) {
    return isOn() ? spans.get(index) : null;
  }

  /** The same, but a span that does nothing instead of null. */
  public RecordSpan get(int index) {
    RecordSpan found = find(index);
    return found == null ? RecordSpan.none() : found;
  }

  public void put(int index, RecordSpan span) {
    spans.set(index, span);
  }

  /** The track's records before the offset are committed. */
  static void postCommit(Deque<PolledRecords> sent, Deque<PolledRecords> unsent, long offset) {
    sent.forEach(polled -> polled.spans.endBelow(polled, offset));
    PolledRecords partly = unsent.peekFirst();
    if (partly != null) {
      partly.spans.endBelow(partly, offset);
    }
  }

  private void endBelow(PolledRecords polled, long offset) {
    int end = isOn() ? polled.sentBelow(offset) : 0;
    for (; ended < end; ended++) {
      get(ended).end(true);
    }
  }

  /** The results of the first records, so many of them, are sent again. */
  void postTakeBack(int sent) {
    for (int i = ended; isOn() && i < sent; i++) {
      get(i).sentAgain();
    }
  }

  /** What is not committed of the records is read again. */
  void drop() {
    for (int i = ended; i < spans.length(); i++) {
      get(i).end(false);
    }
  }
}
