package io.exactlyonce.receipt;

import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A 32-bit sum over the outputs of a span, which depends on the source record and the sink topic of
 * each, but not on their order. It shows what counts alone do not: that one record lost an output
 * and another has one too many. Wrong outputs have the right sum in 1 case of 4 billion.
 */
public final class OutputSum {
  /**
   * Stands for a sum that is not known: an older version wrote the receipt, or no record was
   * processed.
   */
  public static final long UNKNOWN = -1;

  private static final long LOW_32_BITS = 0xFFFF_FFFFL;

  private OutputSum() {}

  /**
   * Adds an output to a sum.
   *
   * @param sum of the outputs before
   * @param offset of the record that the output comes from
   * @param topic that the output was written to
   */
  public static long add(long sum, long offset, String topic) {
    return join(sum, IdSet.mix(offset ^ (long) topic.hashCode() << 32));
  }

  /**
   * Adds an output with its key and value to a sum, so that an altered key or value shows.
   *
   * @param crc the caller's, reused by each call
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

  /**
   * Adds the bytes to the checksum. Returns their number plus one, and 0 for null, so that null and
   * an empty array differ.
   */
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
