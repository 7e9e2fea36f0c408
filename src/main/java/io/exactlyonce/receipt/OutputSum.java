package io.exactlyonce.receipt;

/**
 * A sum over the outputs of a span, which depends on which record each came from and where it went,
 * but not on their order. Counts alone cannot tell that one record lost an output and another has
 * one too many; this tells it but for 1 case in 4 billion.
 */
public final class OutputSum {
  /** Of receipts that an older version wrote. */
  public static final long UNKNOWN = -1;

  private static final long LOW_32_BITS = 0xFFFF_FFFFL;

  private OutputSum() {}

  /**
   * @param sum of the outputs before
   * @param offset of the record that the output comes from
   * @param topic that it went to
   */
  public static long add(long sum, long offset, String topic) {
    return join(sum, IdSet.mix(offset ^ (long) topic.hashCode() << 32));
  }

  /** The sum over the outputs of two spans. */
  public static long join(long sum, long other) {
    return sum + other & LOW_32_BITS;
  }
}
