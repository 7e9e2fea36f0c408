package io.exactlyonce.engine.topic;

/**
 * Largest sizes of dead letters and receipts, in bytes: what the producer sends, what their topics
 * accept, and what the broker was seen to refuse.
 *
 * <p>Threads: the supervisor sets limits before workers start, workers lower them after a refusal;
 * any thread reads.
 */
public final class TopicLimits {
  /** Lowest limit of dead letters: less could not hold the headers that name the record. */
  public static final int MIN_LETTER = 4096;

  /** Room for the parts of a receipt that {@code PendingTransaction.receiptBytes} leaves out. */
  private static final int RECEIPT_RESERVE = 4096;

  private volatile int letterBytes;
  private volatile int receiptBytes;

  /**
   * @param requestBytes the largest request that the producers send
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
   * Halves the limit after the broker refused a letter of {@code bytes}: the topic's own limit was
   * lowered. Each refusal costs an abort, so there are no more aborts than halvings.
   */
  public void refusedLetter(int bytes) {
    limitLetters(bytes / 2);
  }

  public int letterBytes() {
    return letterBytes;
  }

  /** The size of a receipt at which its transaction is full and commits. */
  public int receiptBytes() {
    return receiptBytes;
  }
}
