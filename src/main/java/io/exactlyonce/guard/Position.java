package io.exactlyonce.guard;

import java.nio.ByteBuffer;
import org.apache.kafka.common.Uuid;

/**
 * A record's place in the log. It holds the topic's id, not its name, so that a topic that was
 * deleted and made again cannot be taken for the old one.
 *
 * <p>Each position is committed exactly once, however often its transaction aborts or its partition
 * moves. So the record whose position holds the claim is processed exactly once.
 */
public record Position(Uuid topicId, int partition, long offset) {
  /** Encodes as {@link #encode(Uuid, int, long)}. */
  public byte[] encoded() {
    return encode(topicId, partition, offset);
  }

  /**
   * Six bytes of the topic's id, then partition and offset as variable-length numbers, seven bits a
   * byte, the lowest first: at most 14 bytes below partition 16,384 and offset 2^42, which fit into
   * a 16-byte cell of Redis' allocator. Two topics of one group whose random ids agree in 48 bits
   * could be confused only for the same event id at the same partition and offset.
   */
  public static byte[] encode(Uuid topicId, int partition, long offset) {
    ByteBuffer buffer = ByteBuffer.allocate(TopicTag.BYTES + 5 + 10);
    putTag(buffer, topicId);
    putVariable(buffer, partition);
    putVariable(buffer, offset);
    byte[] encoded = new byte[buffer.position()];
    System.arraycopy(buffer.array(), 0, encoded, 0, encoded.length);
    return encoded;
  }

  private static void putTag(ByteBuffer buffer, Uuid topicId) {
    long bits = topicId.getMostSignificantBits();
    for (int i = 0; i < TopicTag.BYTES; i++) {
      buffer.put((byte) (bits >>> (56 - 8 * i)));
    }
  }

  private static void putVariable(ByteBuffer buffer, long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      buffer.put((byte) ((rest & 0x7F) | 0x80));
      rest >>>= 7;
    }
    buffer.put((byte) rest);
  }
}
