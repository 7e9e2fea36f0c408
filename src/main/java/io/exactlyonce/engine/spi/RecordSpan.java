package io.exactlyonce.engine.spi;

import org.apache.kafka.common.header.Headers;

/**
 * The span of one record: from the first call of its handler until its transaction has committed,
 * or the record was dropped to be read again. Handler threads write to it one after the other, and
 * the worker's thread ends it, or a handler's where the record was dropped meanwhile. Calls after
 * the end have no effect. None of the calls throws.
 */
public interface RecordSpan {

  /** Keeps the span the current one of the thread that opened the scope, until it is closed. */
  interface Scope extends AutoCloseable {
    @Override
    void close();
  }

  /** The span of a record that is not traced. */
  static RecordSpan none() {
    return NoTracing.INSTANCE;
  }

  /**
   * Makes this span the current one of the calling thread. Spans that the thread begins until the
   * scope is closed are its children.
   */
  Scope enter();

  /** Sets the trace headers of a record to be written, so that its readers continue this span. */
  void continueIn(Headers headers);

  /**
   * Notes that a call of the handler threw. Only the exception's class goes into the span, since a
   * message may quote the record.
   *
   * @param attempt number of the call since the record was read, from 1
   */
  void threw(Throwable thrown, int attempt);

  /**
   * Notes that the record becomes a dead letter.
   *
   * @param reason one sentence without the record's values
   */
  void refused(String reason);

  /**
   * Notes the record's result, which has yet to be sent and committed.
   *
   * @param outcome what became of the record: {@code processed}, {@code dead-letter} and so on
   */
  void handled(String outcome);

  /**
   * Notes that the transaction with the result was aborted, and another one takes the same result.
   */
  void sentAgain();

  /**
   * Ends the span; does nothing where it has ended already.
   *
   * @param committed false where the record is read again: its transaction was aborted or its
   *     outcome is unknown, or its partition went to another worker
   */
  void end(boolean committed);
}
