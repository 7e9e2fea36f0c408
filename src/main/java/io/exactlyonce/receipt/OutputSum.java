package io.exactlyonce.receipt;

import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

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

  /**
   * The same of what an output holds, so that one whose key or value was altered shows.
   *
   * @param crc the caller's, to be used again
   */
  public static long addContent(
      long sum,
      long offset,
      String topic,
      CRC32C crc,
      byte @Nullable [] key,
      byte @Nullable [] value) {
    crc.reset();
    long lengths = update(crc, key) << 32 | update(crc, value);
    long place = IdSet.mix(offset ^ (long) topic.hashCode() << 32);
    return join(sum, IdSet.mix(IdSet.mix(place ^ crc.getValue()) ^ lengths));
  }

  /** The length and one, so that nothing is not the same as an empty array. */
  private static long update(CRC32C crc, byte @Nullable [] bytes) {
    if (bytes == null) {
      return 0;
    }
    crc.update(bytes, 0, bytes.length);
    return bytes.length + 1L;
  }

  /** The sum over the outputs of two spans. */
  public static long join(long sum, long other) {
    return sum + other & LOW_32_BITS;
  }
}
