package io.exactlyonce.engine.inflight;

import io.exactlyonce.engine.spi.RecordSpan;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The spans of one partition's records in one poll. All polls share {@link #NONE} while tracing is
 * off.
 *
 * <p>Threads: the thread that handles a record puts its span in, the worker's thread ends it.
 * Records may be dropped while a handler is at one of them. The handler's thread then checks for
 * the drop after it has put the span in, and the worker's looks for spans after it has dropped the
 * records, so at least one of the two ends the span.
 */
public final class RecordSpans {
  /** Spans of records that are not traced. */
  public static final RecordSpans NONE = new RecordSpans(0);

  private final AtomicReferenceArray<@Nullable RecordSpan> spans;

  /** How many spans, from the first on, have ended; the worker's thread alone uses it. */
  private int ended;

  private RecordSpans(int records) {
    spans = new AtomicReferenceArray<>(records);
  }

  /** Spans of that many traced records, at least one. */
  public static RecordSpans of(int records) {
    return new RecordSpans(records);
  }

  public boolean isOn() {
    return spans.length() > 0;
  }

  /** The record's span; null where the record is not handled yet or not traced. */
  public @Nullable RecordSpan find(int index) {
    return isOn() ? spans.get(index) : null;
  }

  /** The record's span, or one that does nothing. */
  public RecordSpan get(int index) {
    RecordSpan found = find(index);
    return found == null ? RecordSpan.none() : found;
  }

  public void put(int index, RecordSpan span) {
    spans.set(index, span);
  }

  /** Ends the spans of a track's records before the offset, which are committed. */
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

  /** Notes in the spans of the first {@code sent} records that their results are sent again. */
  void postTakeBack(int sent) {
    for (int i = ended; isOn() && i < sent; i++) {
      get(i).sentAgain();
    }
  }

  /** Ends the spans of the records that are not committed, which are read again. */
  void drop() {
    for (int i = ended; i < spans.length(); i++) {
      get(i).end(false);
    }
  }
}
