package io.exactlyonce.guard;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.apache.kafka.common.Uuid;

/**
 * The beginning of a topic's id, by which a claim names its topic: see {@link Position}. Whether a
 * topic has it can be told from its id; the id cannot be told from it.
 *
 * @param bits the highest 48 of the id's
 */
public record TopicTag(long bits) {
  static final int BYTES = 6;
  private static final int HIDDEN_BITS = Long.SIZE - BYTES * Byte.SIZE;

  public static TopicTag of(Uuid topicId) {
    return new TopicTag(topicId.getMostSignificantBits() >>> HIDDEN_BITS);
  }

  public static TopicTag of(byte[] tag) {
    return new TopicTag(
        ByteBuffer.allocate(Long.BYTES).put(tag, 0, BYTES).getLong(0) >>> HIDDEN_BITS);
  }

  public byte[] bytes() {
    ByteBuffer whole = ByteBuffer.allocate(Long.BYTES).putLong(0, bits << HIDDEN_BITS);
    byte[] tag = new byte[BYTES];
    whole.get(0, tag);
    return tag;
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes());
  }
}
