package io.exactlyonce.explain;

import io.exactlyonce.deadletter.RecordPosition;
import io.exactlyonce.receipt.LossAcceptance;
import io.exactlyonce.receipt.Receipt;
import io.exactlyonce.receipt.Rewind;
import org.jspecify.annotations.Nullable;

/**
 * What one receipt says of one offset.
 *
 * @param at where the receipt is
 * @param span the one that the offset is in
 * @param notBefore in ms since the epoch: what its transaction wrote is not older
 */
record Account(RecordPosition at, Receipt receipt, Receipt.Span span, long offset, long notBefore) {

  /** Whether it sets the group back to before the offset, and so accounts for nothing. */
  boolean isRewind() {
    return Rewind.isRewind(span);
  }

  /** Whether it is one of records that were gone. */
  boolean isLoss() {
    return decided(LossAcceptance.DONE) != null;
  }

  /** The first decision of that kind. */
  Receipt.@Nullable Decision decided(String done) {
    return receipt.decisions().stream()
        .filter(decision -> decision.done().equals(done))
        .findFirst()
        .orElse(null);
  }

  /** The decision on the very record; null where nobody decided. */
  Receipt.@Nullable Decision decision() {
    String position = span.topic() + "-" + span.partition() + "@" + offset;
    return receipt.decisions().stream()
        .filter(decision -> decision.at().equals(position))
        .findFirst()
        .orElse(null);
  }
}
