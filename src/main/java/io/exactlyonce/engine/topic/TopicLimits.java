package io.exactlyonce.engine.topic;

/**
 * How large the engine's own records may be: what the producer sends, what their topics take, and
 * what the broker was seen to refuse.
 *
 * <p>Threads: the supervisor writes down what it learns before workers start, workers what is
 * refused; anyone reads.
 */
public final class TopicLimits {
  /** Below this a letter could not even say where its record stood. */
  public static final int MIN_LETTER = 4096;

  /** A receipt's frame and names; see {@code PendingTransaction.receiptBytes}. */
  private static final int RECEIPT_RESERVE = 4096;

  private volatile int letterBytes;
  private volatile int receiptBytes;

  /**
   * @param requestBytes what the producers send at most
   */
  public TopicLimits(int requestBytes) {
    letterBytes = Math.max(MIN_LETTER, requestBytes);
    limitReceipts(requestBytes);
  }

  public void limitLetters(int bytes) {
    letterBytes = Math.max(MIN_LETTER, Math.min(letterBytes, bytes));
  }

  public final void limitReceipts(int bytes) {
    int room = Math.max(bytes / 2, bytes - RECEIPT_RESERVE);
    receiptBytes = receiptBytes == 0 ? room : Math.min(receiptBytes, room);
  }

  /**
   * The topic's limit is lower than it was: letters are made at most half as large from now on.
   * Each refusal costs an abort, and there are no more of them than halvings.
   */
  public void refusedLetter(int bytes) {
    limitLetters(bytes / 2);
  }

  public int letterBytes() {
    return letterBytes;
  }

  /** A transaction whose receipt has grown so far commits. */
  public int receiptBytes() {
    return receiptBytes;
  }
}
