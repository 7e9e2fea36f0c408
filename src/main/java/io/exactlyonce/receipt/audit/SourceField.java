package io.exactlyonce.receipt.audit;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * Reads {@code topic-partition@offset;topic id;group} without making a string of it: that is done
 * for each output. Older outputs end at the offset. Not thread-safe: the last reading is in the
 * fields.
 */
final class SourceField {
  /** Which topic of its name a position is of. */
  enum Lineage {
    /** The topic as it is now. */
    PRESENT,
    /** One that was deleted. */
    EARLIER,
    /** The position does not say. */
    UNKNOWN
  }

  private static final int ID_LENGTH = 8;

  private final List<byte[]> topics = new ArrayList<>();
  private final List<byte[]> ids = new ArrayList<>();
  private final byte[] group;
  private final List<int[]> indexes = new ArrayList<>();
  private int lastTopic;

  /** Of the partition, in the list that the constructor was given. */
  int partition;

  long offset;

  Lineage lineage = Lineage.UNKNOWN;

  /**
   * @param topicIds of the partitions' topics as they are now
   * @param group whose outputs are read: those that name another are none of its
   */
  SourceField(List<TopicPartition> partitions, Map<String, Uuid> topicIds, String group) {
    this.group = group.getBytes(StandardCharsets.UTF_8);
    List<String> names = partitions.stream().map(TopicPartition::topic).distinct().toList();
    for (String name : names) {
      int most = partitions.stream().mapToInt(TopicPartition::partition).max().orElse(0);
      int[] index = new int[most + 1];
      Arrays.setAll(index, i -> partitions.indexOf(new TopicPartition(name, i)));
      topics.add(name.getBytes(StandardCharsets.UTF_8));
      String id = topicIds.get(name).toString().substring(0, ID_LENGTH);
      ids.add(id.getBytes(StandardCharsets.UTF_8));
      indexes.add(index);
    }
  }

  /** False where it is no position of a partition and the group that the constructor was given. */
  boolean read(byte[] text) {
    int at = firstIndex(text, '@', 0); // a group's name may hold one too, a topic's may not
    int dash = lastIndex(text, '-', at);
    long number = number(text, dash + 1, at);
    int end = firstIndex(text, ';', at + 1);
    offset = number(text, at + 1, end);
    if (dash < 0 || number < 0 || offset < 0) {
      return false;
    }
    int topic = topic(text, dash);
    if (topic < 0 || number >= indexes.get(topic).length) {
      return false;
    }
    partition = indexes.get(topic)[(int) number];
    return partition >= 0 && readLineage(text, end, topic);
  }

  private boolean readLineage(byte[] text, int start, int topic) {
    if (start >= text.length) {
      lineage = Lineage.UNKNOWN;
      return true;
    }
    int end = firstIndex(text, ';', start + 1);
    byte[] id = ids.get(topic);
    lineage =
        Arrays.equals(id, 0, id.length, text, start + 1, end) ? Lineage.PRESENT : Lineage.EARLIER;
    return end >= text.length || Arrays.equals(group, 0, group.length, text, end + 1, text.length);
  }

  /** Reads a position from its parts, each as text; null is nothing. */
  boolean read(byte[] topicName, byte[] partitionNumber, byte[] offsetNumber) {
    if (topicName == null || partitionNumber == null || offsetNumber == null) {
      return false;
    }
    String whole =
        new String(topicName, StandardCharsets.UTF_8)
            + "-"
            + new String(partitionNumber, StandardCharsets.UTF_8)
            + "@"
            + new String(offsetNumber, StandardCharsets.UTF_8);
    return read(whole.getBytes(StandardCharsets.UTF_8));
  }

  private int topic(byte[] text, int end) {
    for (int i = 0; i < topics.size(); i++) {
      int candidate = (lastTopic + i) % topics.size();
      byte[] name = topics.get(candidate);
      if (Arrays.equals(name, 0, name.length, text, 0, end)) {
        lastTopic = candidate;
        return candidate;
      }
    }
    return -1;
  }

  /** Where the character first stands from an index on; the text's length where it does not. */
  static int firstIndex(byte[] text, char wanted, int from) {
    int i = from;
    while (i < text.length && text[i] != wanted) {
      i++;
    }
    return i;
  }

  static int lastIndex(byte[] text, char wanted, int end) {
    int i = end - 1;
    while (i >= 0 && text[i] != wanted) {
      i--;
    }
    return i;
  }

  /** The decimal number between the two indexes; -1 where there is none. */
  static long number(byte[] text, int from, int to) {
    if (from >= to || to - from > 18) {
      return -1;
    }
    long value = 0;
    for (int i = from; i < to; i++) {
      if (text[i] < '0' || text[i] > '9') {
        return -1;
      }
      value = value * 10 + (text[i] - '0');
    }
    return value;
  }
}
