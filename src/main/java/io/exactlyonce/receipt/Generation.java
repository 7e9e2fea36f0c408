package io.exactlyonce.receipt;

import java.util.UUID;

/**
 * The name of a generation of claims, {@code <n>-<random>}: the number grows by one with each
 * rebuild of the group's claims, and the random part tells two of the same number apart. A receipt
 * of the kind {@link #DONE} begins a generation, and workers' receipts carry it.
 */
public final class Generation {
  /**
   * {@link Receipt.Decision#done} of a receipt that begins the generation that {@code at} names.
   */
  public static final String DONE = "generation";

  /** The number of no generation, such as a pipeline without a guard has. */
  public static final long UNKNOWN = -1;

  private static final int MAX_DIGITS = 18;

  private Generation() {}

  /** One that replaces all of these; empty ones are none. */
  public static String after(String... known) {
    long most = 0;
    for (String generation : known) {
      most = Math.max(most, number(generation));
    }
    String random = Long.toHexString(UUID.randomUUID().getMostSignificantBits());
    return (most + 1) + "-" + random;
  }

  /** Before the dash; 0 where there is none, as in the names of versions that did not count. */
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

  /** The generation that the receipt begins; empty where it begins none. */
  public static String begunBy(Receipt receipt) {
    for (Receipt.Decision decision : receipt.decisions()) {
      if (decision.done().equals(DONE)) {
        return decision.at();
      }
    }
    return "";
  }
}
