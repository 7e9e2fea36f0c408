package io.exactlyonce.receipt;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads {@code topic-partition@offset} without making a string of it: that is done for each output.
 * Not thread-safe: the last reading is in the fields.
 */
final class SourceField {
  private final List<byte[]> topics = new ArrayList<>();
  private final List<int[]> indexes = new ArrayList<>();
  private int lastTopic;

  /** Of the partition, in the list that the constructor was given. */
  int partition;

  long offset;

  SourceField(List<TopicPartition> partitions) {
    List<String> names = partitions.stream().map(TopicPartition::topic).distinct().toList();
    for (String name : names) {
      int most = partitions.stream().mapToInt(TopicPartition::partition).max().orElse(0);
      int[] index = new int[most + 1];
      Arrays.setAll(index, i -> partitions.indexOf(new TopicPartition(name, i)));
      topics.add(name.getBytes(StandardCharsets.UTF_8));
      indexes.add(index);
    }
  }

  /** False where it is no position of a partition that the constructor was given. */
  boolean read(byte[] text) {
    int at = lastIndex(text, '@', text.length);
    int dash = lastIndex(text, '-', at);
    long number = number(text, dash + 1, at);
    offset = number(text, at + 1, text.length);
    if (dash < 0 || number < 0 || offset < 0) {
      return false;
    }
    int topic = topic(text, dash);
    if (topic < 0 || number >= indexes.get(topic).length) {
      return false;
    }
    partition = indexes.get(topic)[(int) number];
    return partition >= 0;
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
