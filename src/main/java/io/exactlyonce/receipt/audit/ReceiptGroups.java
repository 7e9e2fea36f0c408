package io.exactlyonce.receipt.audit;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** Which receipts are counted together, since they share offsets, and which cannot be counted. */
final class ReceiptGroups {
  private final Map<Integer, Integer> joined = new HashMap<>();
  private final BitSet uncountable = new BitSet();
  private final BitSet blurred = new BitSet();
  private final BitSet owed = new BitSet();

  void join(int one, int other) {
    int first = of(one);
    int second = of(other);
    if (first != second) {
      joined.put(Math.max(first, second), Math.min(first, second));
    }
  }

  /** The receipt that stands for all that this one was joined to; itself where it was not. */
  int of(int receipt) {
    int group = receipt;
    for (Integer next = joined.get(group); next != null; next = joined.get(group)) {
      group = next;
    }
    return group;
  }

  /** It counts outputs of records that are not audited, so its counts cannot be met. */
  void markUncountable(int receipt) {
    uncountable.set(receipt);
  }

  /** Which outputs belong to the receipt cannot be told: neither counts nor sums can be met. */
  void blur(int receipt) {
    blurred.set(receipt);
  }

  /** Some of its records were given back by a rewind, and may be processed again by now. */
  void owe(int receipt) {
    owed.set(receipt);
  }

  /** To be called when all receipts are joined, and again when more were blurred. */
  void spread() {
    spread(blurred);
    spread(uncountable);
    spread(owed);
  }

  private void spread(BitSet receipts) {
    for (int receipt : receipts.stream().toArray()) {
      receipts.set(of(receipt));
    }
  }

  boolean isOwed(int group) {
    return owed.get(group);
  }

  boolean isBlurred(int receipt) {
    return blurred.get(of(receipt));
  }

  /**
   * @param group a receipt that stands for all that are joined to it
   */
  boolean isCountable(int group) {
    return !uncountable.get(group) && !blurred.get(group);
  }
}
