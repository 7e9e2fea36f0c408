package io.exactlyonce.guard;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.apache.kafka.common.Uuid;

/**
 * The first six bytes of a topic's id, by which a claim names its topic: see {@link Position}. An
 * id gives its tag, but a tag does not give the id.
 *
 * @param bits the highest 48 of the id's
 */
public record TopicTag(long bits) {
  static final int BYTES = 6;
  private static final int HIDDEN_BITS = Long.SIZE - BYTES * Byte.SIZE;

  public static TopicTag of(Uuid topicId) {
    return new TopicTag(topicId.getMostSignificantBits() >>> HIDDEN_BITS);
  }

  /** The tag that these bytes begin with. */
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
