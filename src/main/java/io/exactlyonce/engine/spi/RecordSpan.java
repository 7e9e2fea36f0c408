package io.exactlyonce.engine.spi;

import org.apache.kafka.common.header.Headers;

/**
 * The span of one record: from the first call of its handler until its transaction has committed,
 * or the record was dropped to be read again. Handler threads write to it one after the other, the
 * worker's thread ends it; what comes after the end is lost. None of the calls throws.
 */
public interface RecordSpan {

  /** While it is open the span is the current one of the thread that opened it. */
  interface Scope extends AutoCloseable {
    @Override
    void close();
  }

  /** The span of a record that is not traced. */
  static RecordSpan none() {
    return NoTracing.INSTANCE;
  }

  /** What the thread begins until the scope is closed is a child of this span. */
  Scope enter();

  /** Sets the headers by which whoever reads a record that is written continues this span. */
  void continueIn(Headers headers);

  /**
   * A call of the handler threw. The class alone is told: a message may quote the record.
   *
   * @param attempt of this reading, from 1
   */
  void threw(Throwable thrown, int attempt);

  /**
   * The record becomes a dead letter.
   *
   * @param reason one sentence without the record's values
   */
  void refused(String reason);

  /**
   * The record has its result, which now waits to be sent and committed.
   *
   * @param outcome what became of it: {@code processed}, {@code dead-letter} and so on
   */
  void handled(String outcome);

  /** The transaction that held the result aborted, and the same result goes into another. */
  void sentAgain();

  /**
   * Ends the span; nothing where it has ended.
   *
   * @param committed false where nothing of it may be visible, and the record is read again: its
   *     transaction aborted, its partition went to another worker, or nobody knows
   */
  void end(boolean committed);
}
