package io.exactlyonce.guard;

import org.jspecify.annotations.Nullable;

/** The position of a stored claim, as {@link Position#encode} wrote it. */
public record ClaimHolder(TopicTag topic, int partition, long offset) {
  /** Reads a position. Null where the bytes are none, and so were not written by a guard. */
  public static @Nullable ClaimHolder parse(byte[] encoded) {
    long[] numbers = new long[2];
    int at = TopicTag.BYTES;
    for (int i = 0; i < numbers.length; i++) {
      int shift = 0;
      byte next;
      do {
        if (at >= encoded.length || shift >= Long.SIZE) {
          return null;
        }
        next = encoded[at++];
        numbers[i] |= (next & 0x7FL) << shift;
        shift += 7;
      } while (next < 0);
    }
    boolean isPosition =
        at == encoded.length
            && numbers[0] == (int) numbers[0]
            && numbers[0] >= 0
            && numbers[1] >= 0;
    return isPosition ? new ClaimHolder(TopicTag.of(encoded), (int) numbers[0], numbers[1]) : null;
  }
}
