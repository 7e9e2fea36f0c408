package io.exactlyonce.explain;

import io.exactlyonce.deadletter.RecordPosition;
import io.exactlyonce.receipt.LossAcceptance;
import io.exactlyonce.receipt.Receipt;
import io.exactlyonce.receipt.Rewind;
import org.jspecify.annotations.Nullable;

/**
 * A receipt with a span that holds a given offset.
 *
 * @param at the receipt's own position
 * @param span the one that holds the offset
 * @param notBefore no record of the receipt's transaction is older, in ms since the epoch
 */
record Account(RecordPosition at, Receipt receipt, Receipt.Span span, long offset, long notBefore) {

  /** Whether the receipt is one of a rewind over the offset, and so accounts for no record. */
  boolean isRewind() {
    return Rewind.isRewind(span);
  }

  /** Whether the receipt is one of {@link LossAcceptance}, for records that were gone. */
  boolean isLoss() {
    return decided(LossAcceptance.DONE) != null;
  }

  /** The first decision of that kind; null where there is none. */
  Receipt.@Nullable Decision decided(String done) {
    return receipt.decisions().stream()
        .filter(decision -> decision.done().equals(done))
        .findFirst()
        .orElse(null);
  }

  /** The decision on the record at the offset; null where there is none. */
  Receipt.@Nullable Decision decision() {
    String position = span.topic() + "-" + span.partition() + "@" + offset;
    return receipt.decisions().stream()
        .filter(decision -> decision.at().equals(position))
        .findFirst()
        .orElse(null);
  }
}
