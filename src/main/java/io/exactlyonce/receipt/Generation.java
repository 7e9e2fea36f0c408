package io.exactlyonce.receipt;

import java.util.UUID;

/**
 * Names of generations of claims, {@code <n>-<random>}: the number grows by one with each rebuild
 * of the group's claims, and the random part distinguishes two of the same number. A receipt of the
 * kind {@link #DONE} begins a generation, and workers' receipts carry its name.
 */
public final class Generation {
  /**
   * {@link Receipt.Decision#done} of a receipt that begins the generation that {@code at} names.
   */
  public static final String DONE = "generation";

  /** {@link #number} of an empty name, which receipts carry where there is no guard. */
  public static final long UNKNOWN = -1;

  private static final int MAX_DIGITS = 18;

  private Generation() {}

  /**
   * A new name, whose number is one above the highest of {@code known}; empty names are ignored.
   */
  public static String after(String... known) {
    long most = 0;
    for (String generation : known) {
      most = Math.max(most, number(generation));
    }
    String random = Long.toHexString(UUID.randomUUID().getMostSignificantBits());
    return (most + 1) + "-" + random;
  }

  /**
   * The number before the dash; {@link #UNKNOWN} of an empty name, and 0 where there is no number,
   * as in names of versions that did not count.
   */
  public static long number(String generation) {
    if (generation.isEmpty()) {
      return UNKNOWN;
    }
    int dash = generation.indexOf('-');
    if (dash <= 0 || dash > MAX_DIGITS) {
      return 0;
    }
    for (int i = 0; i < dash; i++) {
      if (generation.charAt(i) < '0' || generation.charAt(i) > '9') {
        return 0;
      }
    }
    return Long.parseLong(generation.substring(0, dash));
  }

  /** Name of the generation that the receipt begins; empty where it begins none. */
  public static String begunBy(Receipt receipt) {
    for (Receipt.Decision decision : receipt.decisions()) {
      if (decision.done().equals(DONE)) {
        return decision.at();
      }
    }
    return "";
  }
}
