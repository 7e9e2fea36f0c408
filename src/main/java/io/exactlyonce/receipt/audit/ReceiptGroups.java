package io.exactlyonce.receipt.audit;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Groups of receipts that share offsets and are counted together, and marks of receipts that cannot
 * be counted.
 */
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

  /** The receipt that represents the group of this one; itself where it was not joined. */
  int of(int receipt) {
    int group = receipt;
    for (Integer next = joined.get(group); next != null; next = joined.get(group)) {
      group = next;
    }
    return group;
  }

  /**
   * Marks a receipt that counts outputs of records that are not audited: what is found cannot agree
   * with its counts.
   */
  void markUncountable(int receipt) {
    uncountable.set(receipt);
  }

  /**
   * Marks a receipt whose outputs cannot be told from others: neither its counts nor its sums can
   * be judged.
   */
  void blur(int receipt) {
    blurred.set(receipt);
  }

  /**
   * Marks a receipt with records that a rewind gave back, and that may be processed again by now.
   */
  void owe(int receipt) {
    owed.set(receipt);
  }

  /**
   * Copies the marks to the receipts that represent groups. To be called when all receipts are
   * joined, and again when more were blurred.
   */
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
   * @param group a receipt that represents its group
   */
  boolean isCountable(int group) {
    return !uncountable.get(group) && !blurred.get(group);
  }
}
